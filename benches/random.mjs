/** So many numbers between -1 and 1, the same in each run. */
export function random(count) {
  const values = new Float32Array(count);
  let state = 12345;
  for (let i = 0; i < count; i += 1) {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    values[i] = state / 0x40000000 - 1;
  }
  return values;
}
