// A client as apps are: session.mjs URL hears of containers, drives one through its life, and prints what it was told
// as one JSON text. It uses the package ws, which knows nothing of the plugin host.

import WebSocket from "ws";

const CALLSIGN = "org.rdk.OCIContainer.1";
const EVENTS = ["onContainerStateChanged", "onContainerStarted", "onContainerStopped"];
const SPEC = { version: "1.0", cwd: "/", args: ["sleep", "60"], user: { uid: 1000, gid: 1000 }, memLimit: 41943040 };

const answers = [];
const events = [];
const waiting = new Map(); // what to do with an answer, by its id
let calls = 0;
let awaited = () => {}; // looks whether the event has come that the story goes on with

const socket = new WebSocket(process.argv[2], ["notification"], { origin: "http://app.example" });

socket.on("message", (data, isBinary) => {
  const message = JSON.parse(data);
  if (isBinary || message.jsonrpc !== "2.0") {
    throw new Error(`unexpected: ${data}`);
  }
  if ("id" in message) {
    answers.push(message.result ?? message.error);
    waiting.get(message.id)();
  } else {
    events.push([message.method, message.params]);
    awaited();
  }
});

function call(method, params) {
  const id = ++calls;
  return new Promise((resolve) => {
    waiting.set(id, resolve);
    socket.send(JSON.stringify({ jsonrpc: "2.0", id, method: `${CALLSIGN}.${method}`, params }));
  });
}

function heard(event) {
  return new Promise((resolve) => {
    awaited = () => events.some(([method]) => method === event) && resolve();
    awaited();
  });
}

socket.on("error", (error) => {
  console.error(String(error));
  process.exit(1);
});

socket.on("open", async () => {
  const containerId = "session";
  for (const event of EVENTS) {
    await call("register", { event, id: "app" });
  }
  await call("startContainerFromDobbySpec", { containerId, dobbySpec: SPEC });
  await heard("app.onContainerStarted");
  await call("pauseContainer", { containerId });
  await call("getContainerState", { containerId });
  await call("resumeContainer", { containerId });
  await call("getContainerState", { containerId });
  await call("stopContainer", { containerId });
  await heard("app.onContainerStopped");
  await call("stopContainer", { containerId });
  for (const event of EVENTS) {
    await call("unregister", { event, id: "app" });
  }
  socket.ping();
  await new Promise((resolve) => socket.once("pong", resolve));
  await call("unregister", { event: "nothing", id: "app" });
  console.log(JSON.stringify({ protocol: socket.protocol, answers, events }));
  socket.close();
  socket.terminate(); // the host answers a close and leaves the connection to its client
});
