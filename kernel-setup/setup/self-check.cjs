// Trains a small network for ten steps, op by op on the native backend and as a compiled loop in double precision.
'use strict';
const fs = require('node:fs');
const path = require('node:path');

const source = path.join(__dirname, '..', '..', 'src');
const { tf } = require(path.join(source, 'tf.ts'));
const { train } = require(path.join(source, 'train.ts'));
require('zeromq');

const steps = 10;
const x = tf.linspace(-1, 1, 16).reshape([16, 1]);
const data = { x, y: x.square() };
const risk = ({ w }, { x, y }) => tf.relu(x.matMul(w)).sum(1, true).sub(y).square().mean();
const step = (net, data) => ({ w: net.w.sub(tf.grad(w => risk({ w }, data))(net.w).mul(0.05)) });
const start = { w: tf.linspace(-1, 1, 8).reshape([1, 8]) };

async function check() {
  if (tf.getBackend() !== 'tensorflow') throw new Error(`the backend is ${tf.getBackend()}, expected tensorflow`);
  let net = start;
  for (let i = 0; i < steps; i++) net = step(net, data);
  const before = risk(start, data).dataSync()[0];
  const eager = risk(net, data).dataSync()[0];
  if (!(eager < before)) throw new Error(`${steps} training steps took the risk from ${before} to ${eager}, expected a fall`);
  const run = await train(step, start, { data, steps, record: { risk }, dtype: 'float64', mode: 'xla', seed: 0 });
  const compiled = run.rows[run.rows.length - 1].risk;
  if (!(Math.abs(compiled - eager) < 1e-5 * eager)) throw new Error(`the compiled loop ended at risk ${compiled}, op by op it was ${eager}`);
  fs.writeSync(1, `${steps} training steps, risk ${before.toFixed(4)} -> ${compiled.toFixed(4)}\n`);
}

check().catch(error => {
  console.error(error);
  process.exit(1);
});
