// A small client of MCP servers: it connects, calls one tool and returns the text of its result.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const hello = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "conformance", version: "1.0.0" } };

const calls = (tool) => [
    { jsonrpc: "2.0", id: 1, method: "initialize", params: hello },
    { jsonrpc: "2.0", method: "notifications/initialized" },
    { jsonrpc: "2.0", id: 2, method: "tools/call", params: { name: tool, arguments: {} } },
];

const textOf = ({ result, error }) => error ? `error ${error.code}: ${error.message}` : result.content.map((block) => block.text).join("");

export const callTool = (server, tool) => server.type === "http" ? callHttp(server, tool) : callStdio(server, tool);

async function callStdio({ command, args, env }, tool) {
    const child = spawn(command, args, {
        env: { ...process.env, ...Object.fromEntries(env.map(({ name, value }) => [name, value])) },
        stdio: ["pipe", "pipe", "ignore"],
    });
    try {
        const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
        for (const call of calls(tool)) {
            child.stdin.write(`${JSON.stringify(call)}\n`);
            if (!call.id) continue;
            let answer;
            do answer = JSON.parse((await lines.next()).value);
            while (answer.id !== call.id);
            if (call.id === 2) return textOf(answer);
        }
    } finally {
        child.stdin.end();
    }
}

async function callHttp({ url, headers }, tool) {
    const own = Object.fromEntries(headers.map(({ name, value }) => [name, value]));
    for (const call of calls(tool)) {
        const response = await fetch(url, {
            method: "POST",
            headers: { "Content-Type": "application/json", Accept: "application/json, text/event-stream", "MCP-Protocol-Version": hello.protocolVersion, ...own },
            body: JSON.stringify(call),
        });
        const body = await response.text();
        if (call.id !== 2) continue;
        const data = body.startsWith("{") ? body : body.split("\n").find((line) => line.startsWith("data:")).slice("data:".length);
        return textOf(JSON.parse(data));
    }
}
