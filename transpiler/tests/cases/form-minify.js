class Memory {
memory;
realloc;
u8 = new Uint8Array(0);
view;
length = 0;
scratch;
words;
}
function checkRange(mem, ptr, byteLength, align) {
if (mem.u8.length === 0) refresh(mem);
if (ptr & (align - 1)) trap("unaligned pointer");
if (ptr + byteLength > mem.u8.length) trap("pointer out of bounds of memory");
}
function refresh(mem) {
const { buffer } = mem.memory;
mem.u8 = new Uint8Array(buffer);
mem.view = new DataView(buffer);
}
function allocate(mem, length, size, align) {
const ptr = mem.realloc(0, 0, align, length * size) >>> 0;
checkList(mem, ptr, length, size, align);
return ptr;
}
function checkList(mem, ptr, length, size, align) {
if (length * size > 0xfffffff) trap("list or string too long");
checkRange(mem, ptr, length * size, align);
}
const encoder = new TextEncoder();
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
function loadUtf8(mem, ptr, length) {
checkList(mem, ptr, length, 1, 1);
const { u8 } = mem;
const end = ptr + length;
if (length < 12) {
let ascii = "";
let i = ptr;
while (i < end && u8[i] < 128) ascii += String.fromCharCode(u8[i++]);
if (i === end) return ascii;
}
return decode(utf8, u8, ptr, end);
}
function decode(decoder, u8, ptr, end) {
try {
return decoder.decode(u8.subarray(ptr, end));
} catch {
return trap(`invalid ${decoder.encoding} encoding`);
}
}
function storeUtf8(mem, v) {
const s = typeof v === "string" ? v : `${v}`;
let { length } = s;
let bytes = (mem.scratch ??= new Uint8Array(3 * 4096));
let all = length < 24 ? 0 : 128;
for (let i = all && length; i < length; i++)
all |= bytes[i] = s.charCodeAt(i);
if (all > 127) {
bytes =
length > 4096
? encoder.encode(s)
: bytes.subarray(0, encoder.encodeInto(s, bytes).written);
length = bytes.length;
}
const ptr = allocate(mem, length, 1, 1);
const { u8 } = mem;
if (all > 127) u8.set(bytes, ptr);
else {
const words = (mem.words ??= new DataView(bytes.buffer));
let i = 0;
for (; i < length - 3; i += 4)
mem.view.setUint32(ptr + i, words.getUint32(i, true), true);
for (; i < length; i++) u8[ptr + i] = bytes[i];
}
mem.length = length;
return ptr;
}
class Trap extends Error {
get name() {
return "Trap";
}
}
function trap(why) {
throw new Trap(why);
}
function alive(root) {
if (root.dead) throw new Trap("the instance is dead", root.dead);
}
function fail(root, e) {
if (!(e instanceof Trap))
e = new Trap(e?.message ?? "exception", { cause: e });
root.dead ??= { cause: e };
return root.dead.cause;
}
export async function instantiate(getCoreModule, imports, instantiateCore = WebAssembly.instantiate) {
const module0 = await getCoreModule('form-minify.core.wasm');
const root = { dead: undefined };
const memory = new Memory();
function greet(name) {
name = `${name}`;
alive(root);
try {
const namePtr = storeUtf8(memory, name);
const nameLen = memory.length;
const ret = coreGreet(namePtr, nameLen) >>> 0;
checkRange(memory, ret, 8, 4);
const result = loadUtf8(memory, memory.view.getUint32(ret, true), memory.view.getUint32(ret + 4, true));
coreAfter(ret);
return result;
} catch (e) {
throw fail(root, e);
}
}
const { exports: exports0 } = await instantiateCore(module0, {});
memory.memory = exports0.memory;
memory.realloc = exports0.realloc;
const coreAfter = exports0.after;
const coreGreet = exports0.greet;
return { greet };
}
