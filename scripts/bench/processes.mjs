import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

const TICKS_PER_SECOND = 100; // of /proc/<pid>/stat; a constant of Linux's user interface
const MIB = 1024 * 1024;

/**
 * The processes of the system under test by part: the app, the nats-server and the Postgres it started, each with all
 * that it started itself.
 * @param {number} appPid
 */
export function findParts(appPid) {
  const table = readTable();
  const childrenOf = (pid) => table.filter(({ parent }) => parent === pid);
  const familyOf = (pid) => [pid, ...childrenOf(pid).flatMap((child) => familyOf(child.pid))];
  const ownServers = childrenOf(appPid);
  const familyNamed = (name) => ownServers.filter((server) => server.name === name).flatMap(({ pid }) => familyOf(pid));
  return { app: [appPid], nats: familyNamed('nats-server'), postgres: familyNamed('postgres') };
}

/** CPU seconds of each part since its start, ended children of Postgres included. */
export function cpuSecondsOf(appPid) {
  return mapParts(findParts(appPid), (pids) => total(pids, cpuSeconds));
}

/** CPU seconds of the whole machine since its start: spent by anybody, and taken away by its host (a virtual one's). */
export function machineCpuSeconds() {
  const [user, nice, system, , , interrupts, softInterrupts, stolen] = (tryRead('/proc/stat') ?? '')
    .split('\n', 1)[0]
    .split(/\s+/)
    .slice(1)
    .map((ticks) => Number(ticks) / TICKS_PER_SECOND);
  return { spent: user + nice + system + interrupts + softInterrupts, stolen };
}

/** Resident MiB of each part. What several processes of Postgres share is counted once (PSS). */
export function memoryMiBOf(appPid) {
  return mapParts(findParts(appPid), (pids, part) =>
    Math.round(total(pids, part === 'postgres' ? proportionalBytes : residentBytes) / MIB),
  );
}

/** Path of the program that a process runs. */
export function programOf(pid) {
  return readlinkSync(`/proc/${pid}/exe`);
}

/** Undefined when there is no such process; a later one that got the same pid has another identity. */
export function identityOf(pid) {
  const stat = statOf(pid);
  return stat && `${pid} since ${stat.startedAt}`;
}

function mapParts(parts, figure) {
  return Object.fromEntries(Object.entries(parts).map(([part, pids]) => [part, figure(pids, part)]));
}

function total(pids, figure) {
  return pids.reduce((sum, pid) => sum + figure(pid), 0);
}

function readTable() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .map(statOf)
    .filter((stat) => stat !== undefined);
}

/** Undefined when it is gone. */
function statOf(pid) {
  const text = tryRead(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  const nameEnd = text.lastIndexOf(')'); // a name may hold spaces and brackets
  const fields = text.slice(nameEnd + 2).split(' ');
  return {
    pid,
    name: text.slice(text.indexOf('(') + 1, nameEnd),
    parent: Number(fields[1]),
    ownTicks: Number(fields[11]) + Number(fields[12]),
    endedChildrenTicks: Number(fields[13]) + Number(fields[14]),
    startedAt: fields[19],
  };
}

function cpuSeconds(pid) {
  const stat = statOf(pid);
  return stat ? (stat.ownTicks + stat.endedChildrenTicks) / TICKS_PER_SECOND : 0;
}

function residentBytes(pid) {
  return kibIn(`/proc/${pid}/status`, /^VmRSS:\s+(\d+)/m) ?? 0;
}

function proportionalBytes(pid) {
  return kibIn(`/proc/${pid}/smaps_rollup`, /^Pss:\s+(\d+)/m) ?? residentBytes(pid);
}

function kibIn(path, pattern) {
  const match = pattern.exec(tryRead(path) ?? '');
  return match ? Number(match[1]) * 1024 : undefined;
}

function tryRead(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
