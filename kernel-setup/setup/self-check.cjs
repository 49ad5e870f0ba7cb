// Trains a small network for a few steps on the native backend, and loads what the kernel loads.
'use strict';
const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..', '..');
const { tf } = require(path.join(root, 'src', 'tf.ts'));
require('zeromq');
require(path.join(root, '.native', 'addons', 'loop.node'));

const x = tf.linspace(-1, 1, 16).reshape([16, 1]);
const y = x.square();
const weights = tf.variable(tf.linspace(-1, 1, 8).reshape([1, 8]));
const loss = () => tf.relu(x.matMul(weights)).sum(1, true).sub(y).square().mean();

const optimizer = tf.train.sgd(0.05);
const before = loss().dataSync()[0];
for (let step = 0; step < 10; step++) optimizer.minimize(loss);
const after = loss().dataSync()[0];

if (tf.getBackend() !== 'tensorflow') throw new Error(`backend is ${tf.getBackend()}, expected tensorflow`);
if (!(after < before)) throw new Error(`ten training steps took the loss from ${before} to ${after}, expected a fall`);
fs.writeSync(1, `loss ${before.toFixed(4)} -> ${after.toFixed(4)} in 10 steps on the native backend\n`);
