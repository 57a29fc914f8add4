// A peer on the official SDK, which implements the protocol and checks every message of KiroPool.
// This file has the connection and the sessions; turns.js has the turns.
import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { runTurn } from "./turns.js";

// "full" offers all optional parts of the protocol, those that are not stable yet included.
const isFull = process.argv[2] === "full";
const { agent, methods, ndJsonStream, PROTOCOL_VERSION, RequestError } = await import(isFull ? "@agentclientprotocol/sdk/unstable" : "@agentclientprotocol/sdk");
const capabilities = isFull
    ? {
        loadSession: true,
        mcpCapabilities: { http: true, sse: false },
        sessionCapabilities: { close: {}, resume: {}, fork: {}, list: {}, delete: {}, additionalDirectories: {}, systemPrompt: {} },
    }
    : { loadSession: true, sessionCapabilities: { close: {} } };

const modes = ["code", "review"];
const models = { quick: ["small"], thorough: ["large", "huge"] };

const sessions = new Map();
const journal = { prompts: 0, cancels: 0, closed: [] };

// The folder where a conversation waits for another process, in the directory of the client.
const transcript = (cwd, id) => join(cwd, `${id}.transcript`);

function find(sessionId) {
    const session = sessions.get(sessionId);
    if (!session) throw RequestError.sessionNotFound(sessionId);
    return session;
}

// The values are in groups, the rarer of the two shapes in the protocol.
function configOptions(session) {
    const options = Object.entries(models).map(([group, names]) => ({
        group,
        name: group,
        options: names.map((value) => ({ value, name: value })),
    }));
    return [
        { type: "boolean", id: "verbose", name: "Verbose", currentValue: session.verbose ?? false },
        { type: "select", id: "autopilot", name: "Autopilot", currentValue: session.autopilot ?? "off", options: ["on", "off"].map((value) => ({ value, name: value })) },
        { type: "select", id: "stubborn", name: "Stubborn", currentValue: "old", options: ["old", "new"].map((value) => ({ value, name: value })) },
        { type: "select", id: "llm", name: "Model", category: "model", currentValue: session.model, options },
    ];
}

const app = agent({ name: "conformance" })
    .onRequest(methods.agent.initialize, ({ params }) => {
        journal.client = params.clientCapabilities;
        return {
            protocolVersion: PROTOCOL_VERSION,
            agentInfo: { name: "conformance", version: "1.0.0" },
            agentCapabilities: capabilities,
        };
    })
    .onRequest(methods.agent.session.new, ({ params }) => {
        const session = { id: randomUUID(), cwd: params.cwd, mode: "code", model: "small", history: [], turn: null, setup: params };
        sessions.set(session.id, session);
        return {
            sessionId: session.id,
            modes: { currentModeId: session.mode, availableModes: modes.map((id) => ({ id, name: id })) },
            configOptions: configOptions(session),
        };
    })
    .onRequest(methods.agent.session.load, async ({ params, client }) => {
        const file = transcript(params.cwd, params.sessionId);
        if (!existsSync(file)) throw RequestError.sessionNotFound(params.sessionId);
        const history = JSON.parse(readFileSync(file, "utf8"));
        const session = { id: params.sessionId, cwd: params.cwd, mode: "code", model: "small", history, turn: null };
        sessions.set(session.id, session);

        // The protocol requires a replay of the whole conversation before the answer.
        for (const text of history)
            for (const sessionUpdate of ["user_message_chunk", "agent_message_chunk"])
                await client.notify(methods.client.session.update, { sessionId: session.id, update: { sessionUpdate, content: { type: "text", text: `replay of ${text}` } } });
        return {
            modes: { currentModeId: session.mode, availableModes: modes.map((id) => ({ id, name: id })) },
            configOptions: configOptions(session),
        };
    })
    .onRequest(methods.agent.session.setMode, ({ params }) => {
        find(params.sessionId).mode = params.modeId;
        return {};
    })
    .onRequest(methods.agent.session.setConfigOption, ({ params }) => {
        const session = find(params.sessionId);
        if (params.configId === "verbose" && params.type === "boolean") session.verbose = params.value;
        else if (params.configId === "autopilot") session.autopilot = params.value;
        // "huge" and "new" are offered but not available. The answer reports the unchanged value.
        else if (params.configId === "llm" && params.value !== "huge") session.model = params.value;
        else if (params.configId !== "llm" && params.configId !== "stubborn") throw RequestError.invalidParams({ configId: params.configId });
        return { configOptions: configOptions(session) };
    })
    .onRequest(methods.agent.session.prompt, async ({ params, client }) => {
        const session = find(params.sessionId);
        // The protocol allows one turn per session. Two would be a fault of the client and must be visible.
        if (session.turn) throw RequestError.invalidRequest(undefined, "the session has a turn already");
        journal.prompts++;
        session.turn = new AbortController();
        try {
            const stopReason = await runTurn({ session, sessions, journal, client, blocks: params.prompt, meta: params._meta, signal: session.turn.signal });
            return { stopReason };
        } finally {
            session.turn = null;
            writeFileSync(transcript(session.cwd, session.id), JSON.stringify(session.history));
        }
    })
    .onNotification(methods.agent.session.cancel, ({ params }) => {
        journal.cancels++;
        sessions.get(params.sessionId)?.turn?.abort();
    })
    .onRequest(methods.agent.session.close, ({ params }) => {
        find(params.sessionId).turn?.abort();
        sessions.delete(params.sessionId);
        journal.closed.push(params.sessionId);
        return {};
    });

if (isFull) {
    app
        .onRequest(methods.agent.session.resume, ({ params }) => {
            const file = transcript(params.cwd, params.sessionId);
            if (!existsSync(file)) throw RequestError.sessionNotFound(params.sessionId);
            const session = { id: params.sessionId, cwd: params.cwd, mode: "code", model: "small", history: JSON.parse(readFileSync(file, "utf8")), turn: null, setup: params };
            sessions.set(session.id, session);
            return { configOptions: configOptions(session) };
        })
        .onRequest(methods.agent.session.fork, ({ params }) => {
            const source = find(params.sessionId);
            if (source.turn) throw RequestError.invalidRequest(undefined, "the session has a turn");
            const session = { ...source, id: randomUUID(), history: [...source.history], turn: null, setup: params };
            sessions.set(session.id, session);
            return { sessionId: session.id, configOptions: configOptions(session) };
        })
        .onRequest(methods.agent.session.list, ({ params }) => {
            const ids = readdirSync(params.cwd).filter((name) => name.endsWith(".transcript")).map((name) => name.slice(0, -".transcript".length)).sort();
            // Two on a page, so that the client must follow the cursor.
            const start = Number(params.cursor ?? 0);
            const page = ids.slice(start, start + 2).map((sessionId) => ({ sessionId, cwd: params.cwd, title: `Title of ${sessionId}`, updatedAt: "2026-11-27T08:00:00Z" }));
            return { sessions: page, nextCursor: start + 2 < ids.length ? String(start + 2) : null };
        })
        .onRequest(methods.agent.session.delete, ({ params }) => {
            for (const cwd of new Set([process.cwd(), ...[...sessions.values()].map((session) => session.cwd)])) rmSync(transcript(cwd, params.sessionId), { force: true });
            sessions.delete(params.sessionId);
            return {};
        });
}

app.connect(ndJsonStream(Writable.toWeb(process.stdout), Readable.toWeb(process.stdin)));
