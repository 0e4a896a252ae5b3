/** Types of an array's elements, of idx files and of NumPy's. */
export type ElementType = keyof typeof ELEMENT_BYTES;

export const ELEMENT_BYTES = {
  bool: 1,
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  uint32: 4,
  int32: 4,
  uint64: 8,
  int64: 8,
  float16: 2,
  float32: 4,
  float64: 8,
} as const;

export const isFloatType = (type: ElementType): boolean => type.startsWith('float');

/** The element at an offset, in bytes; 64-bit integers are rounded to the nearest double. */
export type ElementReader = (view: DataView, offset: number) => number;

/** Reads elements of a type and a byte order. */
export function elementReader(type: ElementType, isLittleEndian: boolean): ElementReader {
  const readers: Record<ElementType, ElementReader> = {
    bool: (view, at) => (view.getUint8(at) === 0 ? 0 : 1),
    uint8: (view, at) => view.getUint8(at),
    int8: (view, at) => view.getInt8(at),
    uint16: (view, at) => view.getUint16(at, isLittleEndian),
    int16: (view, at) => view.getInt16(at, isLittleEndian),
    uint32: (view, at) => view.getUint32(at, isLittleEndian),
    int32: (view, at) => view.getInt32(at, isLittleEndian),
    uint64: (view, at) => Number(view.getBigUint64(at, isLittleEndian)),
    int64: (view, at) => Number(view.getBigInt64(at, isLittleEndian)),
    float16: (view, at) => halfToNumber(view.getUint16(at, isLittleEndian)),
    float32: (view, at) => view.getFloat32(at, isLittleEndian),
    float64: (view, at) => view.getFloat64(at, isLittleEndian),
  };
  return readers[type];
}

/** IEEE 754 binary16: a sign, 5 bits of exponent, 10 bits of fraction. */
function halfToNumber(bits: number): number {
  const sign = bits < 0x8000 ? 1 : -1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}
