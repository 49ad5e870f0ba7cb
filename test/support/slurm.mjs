/**
 * A cluster of one machine for tests: a real slurmctld, slurmd and munged, with their files, sockets and ports in a
 * folder of their own. Debian: apt-get install slurmctld slurmd slurm-client munge. Needs root, as in a container.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const programs = ['slurmctld', 'slurmd', 'sbatch', 'munged'];

/** Why there can be no cluster here; undefined when there can. */
export function noSlurm() {
  if (process.getuid?.() !== 0) return 'a cluster for tests needs root';
  const missing = programs.filter(name => spawnSync('which', [name]).status !== 0);
  if (missing.length === 0) return undefined;
  return `${missing.join(', ')} missing: apt-get install slurmctld slurmd slurm-client munge`;
}

const freePort = () =>
  new Promise(resolve => {
    const server = createServer().listen(0, () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });

/** Starts the cluster. `env` is what its clients need. */
export async function startSlurm() {
  const folder = fs.mkdtempSync('/tmp/widenet-slurm-');
  fs.chmodSync(folder, 0o755);
  const host = os.hostname().split('.')[0];
  const at = (/** @type {string} */ name) => path.join(folder, name);
  fs.writeFileSync(at('munge.key'), randomBytes(1024), { mode: 0o400 });
  for (const part of ['state', 'spool']) fs.mkdirSync(at(part));
  const [ctld, slurmd] = [await freePort(), await freePort()];
  fs.writeFileSync(
    at('slurm.conf'),
    `ClusterName=widenet
SlurmctldHost=${host}
SlurmctldPort=${ctld}
SlurmdPort=${slurmd}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=${at('munge.socket')}
CredType=cred/munge
StateSaveLocation=${at('state')}
SlurmdSpoolDir=${at('spool')}
SlurmctldPidFile=${at('slurmctld.pid')}
SlurmdPidFile=${at('slurmd.pid')}
SlurmctldLogFile=${at('slurmctld.log')}
SlurmdLogFile=${at('slurmd.log')}
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
KillWait=10
SchedulerParameters=sched_interval=1,batch_sched_delay=0
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
NodeName=${host} NodeHostname=${host} NodeAddr=127.0.0.1 CPUs=2 RealMemory=4000
PartitionName=cpu Nodes=${host} Default=YES MaxTime=INFINITE
`,
  );
  const env = { ...process.env, SLURM_CONF: at('slurm.conf') };
  const munge = ['--force', `--key-file=${at('munge.key')}`, `--socket=${at('munge.socket')}`];
  const files = ['pid', 'log', 'seed'].map(what => `--${what}-file=${at(`munged.${what}`)}`);
  execFileSync('munged', [...munge, ...files], { stdio: 'ignore' });
  execFileSync('slurmctld', ['-f', at('slurm.conf')], { env, stdio: 'ignore' });
  const startNode = () => execFileSync('slurmd', ['-f', at('slurm.conf'), '-N', host], { env, stdio: 'ignore' });
  startNode();
  const stopBy = async (/** @type {string} */ file, /** @type {NodeJS.Signals} */ signal) => {
    if (!fs.existsSync(at(file))) return;
    const pid = Number(fs.readFileSync(at(file), 'utf8'));
    try {
      process.kill(pid, signal);
      while (process.kill(pid, 0) && fs.existsSync(`/proc/${pid}/exe`)) await sleep(50);
    } catch {
      // It has ended.
    }
  };
  const run = (/** @type {string} */ command, /** @type {string[]} */ ...args) =>
    execFileSync(command, args, { env, encoding: 'utf8' }).trim();
  while (!/idle/.test(run('sinfo', '--noheader', '--format=%T'))) await sleep(200);
  return {
    env,
    run,
    /** Kills the daemon of the node, whose jobs go on, and starts another. */
    async restartNode() {
      await stopBy('slurmd.pid', 'SIGKILL');
      startNode();
    },
    async stop() {
      spawnSync('scancel', ['--full', '--user=root'], { env });
      for (let i = 0; i < 100 && run('squeue', '--noheader') !== ''; i++) await sleep(200);
      for (const daemon of ['slurmd', 'slurmctld', 'munged']) await stopBy(`${daemon}.pid`, 'SIGTERM');
      fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
