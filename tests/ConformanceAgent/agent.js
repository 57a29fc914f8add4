// A peer on the official SDK, which implements the protocol and checks every message of KiroPool.
// This file has the connection and the sessions; turns.js has the turns.
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { agent, methods, ndJsonStream, PROTOCOL_VERSION, RequestError } from "@agentclientprotocol/sdk";
import { runTurn } from "./turns.js";

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
        { type: "boolean", id: "verbose", name: "Verbose", currentValue: false },
        { type: "select", id: "llm", name: "Model", category: "model", currentValue: session.model, options },
    ];
}

const app = agent({ name: "conformance" })
    .onRequest(methods.agent.initialize, () => ({
        protocolVersion: PROTOCOL_VERSION,
        agentInfo: { name: "conformance", version: "1.0.0" },
        agentCapabilities: { loadSession: true, sessionCapabilities: { close: {} } },
    }))
    .onRequest(methods.agent.session.new, ({ params }) => {
        const session = { id: randomUUID(), cwd: params.cwd, mode: "code", model: "small", history: [], turn: null };
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
        if (params.configId !== "llm") throw RequestError.invalidParams({ configId: params.configId });
        // "huge" is offered but not available. The answer reports the unchanged value.
        if (params.value !== "huge") session.model = params.value;
        return { configOptions: configOptions(session) };
    })
    .onRequest(methods.agent.session.prompt, async ({ params, client }) => {
        const session = find(params.sessionId);
        // The protocol allows one turn per session. Two would be a fault of the client and must be visible.
        if (session.turn) throw RequestError.invalidRequest(undefined, "the session has a turn already");
        journal.prompts++;
        session.turn = new AbortController();
        try {
            const stopReason = await runTurn({ session, sessions, journal, client, blocks: params.prompt, signal: session.turn.signal });
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

app.connect(ndJsonStream(Writable.toWeb(process.stdout), Readable.toWeb(process.stdin)));
