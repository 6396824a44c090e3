/**
 * Synchronous file handles in RAM, on a disk that can lose its power: what was not
 * flushed survives sector by sector, as chance has it. Also one that is full.
 * @module
 */

const SECTOR = 512;

/** A seeded generator (mulberry32): every failure can be had again. */
export function seeded(seed) {
  let a = seed >>> 0;
  const next = () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = a;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    below: (n) => Math.floor(next() * n),
    pick: (list) => list[Math.floor(next() * list.length)],
  };
}

/** Thrown when the power goes. */
export class PowerCut extends Error {}

export class Disk {
  /** @type {Map<string, FakeFile>} */
  files = new Map();
  /** Handle calls until the power goes. */
  callsLeft = Infinity;
  /** Bytes all files together may have. */
  capacity = Infinity;
  calls = 0;
  written = 0;

  /** @param {{ next(): number, below(n: number): number }} random */
  constructor(random) {
    this.random = random;
  }

  file(name) {
    let file = this.files.get(name);
    if (!file) this.files.set(name, (file = new FakeFile()));
    return new Handle(this, file);
  }

  /** @returns {import("../../shims/src/fs/persistent.js").Handles} */
  handles() {
    return {
      data: this.file("data"),
      logs: [this.file("log-a"), this.file("log-b")],
    };
  }

  tick() {
    this.calls++;
    return --this.callsLeft < 0;
  }

  used() {
    let sum = 0;
    for (const { now } of this.files.values()) sum += now.length;
    return sum;
  }

  /** Loses what chance has it lose of all that was not flushed. */
  crash() {
    for (const file of this.files.values()) file.crash(this.random);
    this.callsLeft = Infinity;
  }
}

class FakeFile {
  /** What has been flushed. */
  stable = new Uint8Array(0);
  now = new Uint8Array(0);
  /** Since the last flush. */
  pending = [];

  apply(target, op) {
    if (op.size !== undefined) return resized(target, op.size);
    const end = op.at + op.bytes.length;
    const out = end > target.length ? resized(target, end) : target;
    out.set(op.bytes, op.at);
    return out;
  }

  run(op) {
    this.now = this.apply(this.now, op);
    this.pending.push(op);
  }

  flush() {
    this.stable = this.now.slice();
    this.pending = [];
  }

  crash(random) {
    let after = this.stable;
    for (const op of this.pending) {
      if (op.size !== undefined) {
        if (random.next() < 0.5) after = this.apply(after, op);
        continue;
      }
      const fate = random.next();
      if (fate < 0.3) continue;
      if (fate < 0.6) {
        after = this.apply(after, op);
        continue;
      }
      for (let at = 0; at < op.bytes.length; at += SECTOR)
        if (random.next() < 0.5) {
          const bytes = op.bytes.subarray(at, at + SECTOR);
          after = this.apply(after, { at: op.at + at, bytes });
        }
    }
    this.now = after.slice();
    this.stable = after.slice();
    this.pending = [];
  }
}

function resized(bytes, size) {
  const out = new Uint8Array(size);
  out.set(bytes.subarray(0, size));
  return out;
}

class Handle {
  constructor(disk, file) {
    this.disk = disk;
    this.storage = file;
    this.open = true;
  }

  check() {
    if (!this.open)
      throw new DOMException("the handle is closed", "InvalidStateError");
  }

  read(buffer, { at }) {
    this.check();
    const bytes = this.storage.now.subarray(at, at + buffer.length);
    buffer.set(bytes);
    return bytes.length;
  }

  write(buffer, { at }) {
    this.check();
    const bytes = buffer.slice();
    if (this.disk.tick()) {
      const part = bytes.slice(0, this.disk.random.below(bytes.length + 1));
      if (part.length > 0) this.storage.run({ at, bytes: part });
      throw new PowerCut();
    }
    const more = Math.max(0, at + bytes.length - this.storage.now.length);
    const room = this.disk.capacity - this.disk.used();
    if (more > room) {
      // Half the engines write what fits, the others tell a negative number.
      if (this.disk.random.next() < 0.5) return -8;
      const part = bytes.slice(0, Math.max(0, bytes.length - (more - room)));
      if (part.length > 0) this.storage.run({ at, bytes: part });
      return part.length;
    }
    this.disk.written += bytes.length;
    this.storage.run({ at, bytes });
    return bytes.length;
  }

  truncate(size) {
    this.check();
    if (this.disk.tick()) throw new PowerCut();
    this.storage.run({ size });
  }

  getSize() {
    this.check();
    return this.storage.now.length;
  }

  flush() {
    this.check();
    if (this.disk.tick()) throw new PowerCut();
    this.storage.flush();
  }

  close() {
    this.open = false;
  }
}
