#ifndef DISTILLD_CKERNELS_BYTES_H
#define DISTILLD_CKERNELS_BYTES_H
#include <stdint.h>

#include "CKernelsSpatial.h"

// Images as bytes: value = scale * byte, where bytes are 0...255 or -127...127.

/// Rounds value / scale to the nearest even and saturates; what is no number becomes the least.
void distill_floats_to_bytes(int64_t count, int is_unsigned, float scale, const float *from, uint8_t *to);
void distill_bytes_to_floats(int64_t count, int is_unsigned, float scale, const uint8_t *from, float *to);
/// The greatest byte of each window.
void distill_maximum_pool_bytes(const distill_window *window, int is_unsigned, const uint8_t *x,
                                uint8_t *y);
/// Copies `rows` rows of `width` bytes that lie closely to rows that lie `stride` apart.
void distill_spread_rows(int64_t rows, int64_t width, int64_t stride, const uint8_t *from, uint8_t *to);

/// Weights of `outputs` channels, `length` floats each, as bytes -127...127; the largest magnitude of a channel becomes
/// 127. Scales are written to `scales`; a channel of zeros has scale 1.
void distill_weights_to_bytes(int64_t outputs, int64_t length, const float *weights, int8_t *bytes,
                              float *scales);

/// Bins of a histogram of magnitudes: sixteen for each power of two, those of a float's upper bits.
#define DISTILL_MAGNITUDE_BINS 4096
/// Counts magnitudes. Scratch memory: `DISTILL_MAGNITUDE_BINS` words for each thread.
void distill_count_magnitudes(int64_t count, const float *values, float *bins, void *scratch);
#endif
