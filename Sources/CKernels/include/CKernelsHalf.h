#ifndef DISTILLD_CKERNELS_HALF_H
#define DISTILLD_CKERNELS_HALF_H
#include <stdint.h>

/// IEEE binary16 from binary32, rounding to the nearest even; too large becomes infinity.
void distill_float_to_half(const float *from, uint16_t *to, int64_t count);
/// IEEE binary32 from binary16, exact.
void distill_half_to_float(const uint16_t *from, float *to, int64_t count);
#endif
