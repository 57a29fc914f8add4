// The first word of a prompt selects the behaviour. The text of the answer reports the client's behaviour to the test.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { methods, RequestError } from "@agentclientprotocol/sdk";
import { callTool } from "./mcp.js";

/** Runs one turn and returns its stop reason. */
export async function runTurn(turn) {
    const text = turn.blocks[0].text;
    const [word, ...rest] = text.split(" ");
    const behaviour = Object.hasOwn(behaviours, word) ? behaviours[word] : echo;
    turn.session.history.push(text);

    turn.update = (update) => turn.client.notify(methods.client.session.update, { sessionId: turn.session.id, update });
    turn.say = (piece) => turn.update({ sessionUpdate: "agent_message_chunk", content: { type: "text", text: piece } });
    return (await behaviour(turn, rest)) ?? "end_turn";
}

const echo = ({ say, session }) => say(`You said: ${session.history.at(-1)}`);

const behaviours = {
    async stream({ say }, words) {
        for (const [i, word] of words.entries()) await say(i === 0 ? word : ` ${word}`);
    },

    async think({ update, say }) {
        for (const text of ["Let me see", ", yes."])
            await update({ sessionUpdate: "agent_thought_chunk", content: { type: "text", text } });
        await say("I thought about it.");
    },

    async tool({ update, say, session }) {
        const locations = [{ path: `${session.cwd}/notes.txt`, line: 3 }];
        await update({ sessionUpdate: "tool_call", toolCallId: "read-1", title: "Reading notes", kind: "read", status: "pending", locations, rawInput: { path: "notes.txt" } });
        await update({ sessionUpdate: "tool_call_update", toolCallId: "read-1", status: "in_progress" });
        const content = [{ type: "content", content: { type: "text", text: "the notes" } }];
        await update({ sessionUpdate: "tool_call_update", toolCallId: "read-1", status: "completed", title: "Read notes", content, rawOutput: { lines: 1 } });
        await update({ sessionUpdate: "tool_call", toolCallId: "edit-1", title: "Editing notes", kind: "edit", status: "in_progress" });
        await update({ sessionUpdate: "tool_call_update", toolCallId: "edit-1", status: "failed" });
        await say("Done with the tools.");
    },

    async ask({ update, say, session, client }) {
        const toolCall = { toolCallId: "run-1", title: "Running a command", kind: "execute", status: "pending" };
        await update({ sessionUpdate: "tool_call", ...toolCall });
        const { outcome } = await client.request(methods.client.session.requestPermission, {
            sessionId: session.id,
            toolCall,
            // The refusal is last and its id is meaningless: only the kind identifies an option.
            options: [
                { optionId: "a", name: "Always", kind: "allow_always" },
                { optionId: "b", name: "Once", kind: "allow_once" },
                { optionId: "c", name: "Never", kind: "reject_always" },
                { optionId: "d", name: "Not now", kind: "reject_once" },
            ],
        });
        if (outcome.outcome === "cancelled") return "cancelled";
        const allowed = outcome.optionId === "a" || outcome.optionId === "b";
        await update({ sessionUpdate: "tool_call_update", toolCallId: "run-1", status: allowed ? "completed" : "failed" });
        await say(`You chose ${outcome.optionId}.`);
    },

    /** Asks, and cancels its question when the client shows by a file that it is considering it. */
    async unask({ update, say, session, client }) {
        const toolCall = { toolCallId: "run-1", title: "Running a command", kind: "execute", status: "pending" };
        await update({ sessionUpdate: "tool_call", ...toolCall });
        const cancellation = new AbortController();
        const asked = client.request(methods.client.session.requestPermission, {
            sessionId: session.id,
            toolCall,
            options: [
                { optionId: "b", name: "Once", kind: "allow_once" },
                { optionId: "d", name: "Not now", kind: "reject_once" },
            ],
        }, { cancellationSignal: cancellation.signal });
        await say("Asked.");
        while (!existsSync(join(session.cwd, "asked"))) await pause();
        cancellation.abort();
        await say(` ${await asked.then(({ outcome }) => outcome.outcome, (error) => error.code)}`);
    },

    /** Goes on until it is cancelled. What it says after that came too late. */
    async slow({ say, signal }) {
        await say("Started.");
        await aborted(signal);
        await say(" Stopping.");
        return "cancelled";
    },

    /** As an agent that asks while it is being cancelled: the protocol wants its question answered, with "cancelled". */
    async askLate(turn) {
        await turn.say("Started.");
        await aborted(turn.signal);
        turn.journal.lateAnswer = (await behaviours.ask(turn)) ?? "selected";
        return "cancelled";
    },

    /** The errors an SDK agent answers with: one that was meant, one that happened, and the SDK's own. */
    fail(turn, [how]) {
        switch (how) {
            case "text": throw RequestError.internalError("the disk is full");
            case "object": throw RequestError.internalError({ message: "the index is broken" });
            case "other": throw RequestError.internalError({ step: 7 });
            case "empty": throw RequestError.internalError({});
            case "bare": throw RequestError.internalError();
            case "auth": throw RequestError.authRequired();
            case "session": throw RequestError.sessionNotFound("gone");
            default: throw new Error("a null was dereferenced");
        }
    },

    history: ({ say, session }) => say(session.history.join(" | ")),

    stop: (turn, [reason]) => reason,

    async usage({ update, say }) {
        await update({ sessionUpdate: "usage_update", used: 10, size: 200 });
        await update({ sessionUpdate: "usage_update", used: 50, size: 200, cost: { amount: 0.5, currency: "USD" } });
        await say("Counted.");
    },

    async mode({ update, say, session }, [id]) {
        session.mode = id;
        await update({ sessionUpdate: "current_mode_update", currentModeId: id });
        await say(`Now ${id}.`);
    },

    /** All that a client may well pass over, between two pieces of text. */
    async extras({ update, say, client }) {
        await say("before");
        await update({ sessionUpdate: "plan", entries: [{ content: "Read", priority: "high", status: "in_progress" }] });
        await update({ sessionUpdate: "available_commands_update", availableCommands: [{ name: "web", description: "Searches" }] });
        await update({ sessionUpdate: "session_info_update", title: "A title" });
        await update({ sessionUpdate: "notice", severity: "warning", title: "Maintenance", description: "Soon" });
        await update({ sessionUpdate: "compaction_update", compactionId: "c", status: "in_progress" });
        await update({ sessionUpdate: "compaction_summary_chunk", compactionId: "c", content: { type: "text", text: "a summary" } });
        await update({ sessionUpdate: "compaction_update", compactionId: "c", status: "completed" });
        await update({ sessionUpdate: "user_message_chunk", content: { type: "text", text: "the user's own words" } });
        await update({ sessionUpdate: "agent_message_chunk", content: { type: "image", data: "AAAA", mimeType: "image/png" } });
        await update({ sessionUpdate: "agent_message_chunk", content: { type: "resource_link", uri: "file:///a", name: "a" } });
        await client.notify("_vendor/progress", { percent: 50 });
        await say(" after");
    },

    /** Asks for what the client did not advertise, and for what nobody knows. */
    async reach({ say, session, client }) {
        for (const [method, params] of [
            [methods.client.fs.readTextFile, { sessionId: session.id, path: "/notes.txt" }],
            [methods.client.terminal.create, { sessionId: session.id, command: "ls" }],
            ["_vendor/unheard", {}],
        ])
            await say(await client.request(method, params).then(() => `${method}: served. `, (error) => `${method}: ${error.code}. `));
    },

    /** The capabilities that the client announced. */
    client: ({ say, journal }) => say(JSON.stringify(journal.client)),

    /** Asks the user with a form whose schema is the rest of the prompt, and says what came back. */
    async form({ say, session, client }, rest) {
        const answer = await client.request(methods.client.elicitation.create, { mode: "form", sessionId: session.id, message: "Please fill in.", requestedSchema: JSON.parse(rest.join(" ")) });
        await say(JSON.stringify(answer));
    },

    async visit({ say, session, client }, [url]) {
        const answer = await client.request(methods.client.elicitation.create, { mode: "url", sessionId: session.id, elicitationId: "e1", url, message: "Sign in there." });
        await say(JSON.stringify(answer));
    },

    /** Asks with a form, and cancels its question when the client shows by a file that it is considering it. */
    async unform({ say, session, client }) {
        const cancellation = new AbortController();
        const asked = client.request(methods.client.elicitation.create, { mode: "form", sessionId: session.id, message: "Late.", requestedSchema: { type: "object", properties: {} } }, { cancellationSignal: cancellation.signal });
        await say("Asked.");
        while (!existsSync(join(session.cwd, "asked"))) await pause();
        cancellation.abort();
        await say(` ${await asked.then(({ action }) => action, (error) => error.code)}`);
    },

    /** Lets the client run the command in the rest of the prompt (JSON), waits for its end, and says what came back. */
    async run({ say, session, client }, rest) {
        const own = { sessionId: session.id };
        try {
            const { terminalId } = await client.request(methods.client.terminal.create, { ...own, ...JSON.parse(rest.join(" ")) });
            const exit = await client.request(methods.client.terminal.waitForExit, { ...own, terminalId });
            const output = await client.request(methods.client.terminal.output, { ...own, terminalId });
            await client.request(methods.client.terminal.release, { ...own, terminalId });
            const gone = await client.request(methods.client.terminal.output, { ...own, terminalId }).catch((error) => error.code);
            await say(JSON.stringify({ exit, output, gone }));
        } catch (error) {
            await say(JSON.stringify({ code: error.code, message: error.message }));
        }
    },

    /** Starts a command and leaves it running. */
    async leave({ say, session, client }, rest) {
        const { terminalId } = await client.request(methods.client.terminal.create, { sessionId: session.id, ...JSON.parse(rest.join(" ")) });
        await say(terminalId);
    },

    async kill({ say, session, client }, [terminalId]) {
        const own = { sessionId: session.id, terminalId };
        await client.request(methods.client.terminal.kill, own);
        await say(JSON.stringify(await client.request(methods.client.terminal.output, own)));
    },

    /** Waits until another session's turn has come here too; then both talk at once. */
    async meet({ say, sessions, session }, [name]) {
        session.met = true;
        while ([...sessions.values()].filter((other) => other.met).length < 2) await pause();
        for (let i = 0; i < 50; i++) {
            await say(`${name}${i} `);
            await pause();
        }
    },

    blocks: ({ say, blocks }) => say(JSON.stringify(blocks.slice(1))),

    setup: ({ say, session }) => say(JSON.stringify(session.setup)),

    /** Calls the tool "token" of a server that came with the session, as any agent would. */
    async mcp({ say, session }, [name]) {
        await say(await callTool(session.setup.mcpServers.find((server) => server.name === name), "token"));
    },

    options: ({ say, session }) => say(JSON.stringify({ verbose: session.verbose, autopilot: session.autopilot })),

    meta: ({ say, meta }) => say(JSON.stringify(meta ?? null)),

    session: ({ say, session }) => say(JSON.stringify({ cwd: session.cwd, mode: session.mode, model: session.model })),

    journal: ({ say, journal, sessions }) => say(JSON.stringify({ ...journal, open: [...sessions.keys()] })),
};

const aborted = (signal) => signal.aborted ? undefined : new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));

const pause = () => new Promise((resolve) => setImmediate(resolve));
