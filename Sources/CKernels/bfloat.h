// bfloat16, the upper half of a float32: one number or sixteen at a time.
#ifndef DISTILLD_BFLOAT_H
#define DISTILLD_BFLOAT_H
#include "clones.h"

#include <stdint.h>
#include <string.h>

typedef uint32_t bit_lanes __attribute__((vector_size(64)));
typedef uint16_t bfloat_lanes __attribute__((vector_size(32), aligned(2), may_alias));

INLINE float from_bfloat(uint16_t value) {
    const uint32_t bits = (uint32_t)value << 16;
    float result;
    memcpy(&result, &bits, sizeof result);
    return result;
}

/// Rounds to the nearest, ties to even; not-a-number stays one, quiet.
INLINE uint16_t to_bfloat(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    const uint32_t rounded = bits + 0x7fffu + (bits >> 16 & 1u);
    return (uint16_t)((value == value ? rounded : bits | 0x400000u) >> 16);
}

// Vectors of this width cannot be passed or returned between targets, not even to inlined functions, so these
// two are macros about expressions and pointers.

/// Sixteen numbers from a `const uint16_t *`, as `lanes`.
#define load_bfloat(from)                                                                           \
    ((lanes)(__builtin_convertvector(*(const bfloat_lanes *)(from), bit_lanes) << 16))

/// Sixteen numbers from `lanes` to a `uint16_t *`, rounded as `to_bfloat` does.
#define store_bfloat(to, values)                                                                    \
    do {                                                                                            \
        const lanes stored = (values);                                                              \
        round_bfloat(&stored, to);                                                                  \
    } while (0)

/// Rounds into the upper half of each lane; the lower half is left over.
INLINE void round_lanes(const lanes *values, bit_lanes *rounded) {
    const bit_lanes bits = (bit_lanes)*values;
    const bit_lanes number = (bit_lanes)(*values == *values);
    const bit_lanes nearest = bits + 0x7fffu + (bits >> 16 & 1u);
    *rounded = (nearest & number) | ((bits | 0x400000u) & ~number);
}

INLINE void round_bfloat(const lanes *values, uint16_t *to) {
    bit_lanes rounded;
    round_lanes(values, &rounded);
    *(bfloat_lanes *)to = __builtin_convertvector(rounded >> 16, bfloat_lanes);
}

// Thirty-two numbers as sixteen pairs take fewer instructions than twice sixteen.
typedef uint32_t pair_lanes __attribute__((vector_size(64), aligned(2), may_alias));

/// From thirty-two numbers those at even (`odd` = 0) or at odd places, as `lanes`.
#define load_bfloat_pairs(from, odd)                                                                \
    ((lanes)((odd) ? *(const pair_lanes *)(from) & 0xffff0000u : *(const pair_lanes *)(from) << 16))

/// Thirty-two numbers from those at even and those at odd places, both as `round_lanes` leaves them.
INLINE void store_bfloat_pairs(uint16_t *to, const bit_lanes *even, const bit_lanes *odd) {
    *(pair_lanes *)to = *even >> 16 | (*odd & 0xffff0000u);
}

#endif
