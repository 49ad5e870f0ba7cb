// Trains a small network for ten steps on the native backend, and takes a double through the addon of the compiled
// loops.
'use strict';
const fs = require('node:fs');
const path = require('node:path');

process.on('uncaughtException', error => {
  fs.writeSync(2, `${error.message.split('\n')[0]}\n`);
  process.exit(1);
});

const root = path.join(__dirname, '..', '..');
const { tf } = require(path.join(root, 'src', 'autodiff', 'tf.ts'));
const loop = require(path.join(root, '.native', 'addons', 'loop.node'));
require('zeromq');

const steps = 10;
const x = tf.linspace(-1, 1, 16).reshape([16, 1]);
const risk = w => tf.relu(x.matMul(w)).sum(1, true).sub(x.square()).square().mean();
const start = tf.linspace(-1, 1, 8).reshape([1, 8]);
let weights = start;
for (let i = 0; i < steps; i++) weights = weights.sub(tf.grad(risk)(weights).mul(0.05));
const [before, after] = [start, weights].map(w => risk(w).dataSync()[0]);

const double = 2;
const [pi] = loop.readTensor(loop.createTensor(Float64Array.of(Math.PI), [], double), 1);

const faults = [
  tf.getBackend() !== 'tensorflow' && `the backend is ${tf.getBackend()}, expected tensorflow`,
  !(after < before) && `${steps} training steps took the risk from ${before} to ${after}, expected a fall`,
  pi !== Math.PI && `the loop addon returned ${pi}, expected ${Math.PI}`,
].filter(Boolean);
if (faults.length) process.stderr.write(`${faults.join('\n')}\n`);
else fs.writeSync(1, `${steps} training steps, risk ${before.toFixed(4)} -> ${after.toFixed(4)}\n`);
process.exit(faults.length ? 1 : 0);
