#ifndef DISTILLD_CKERNELS_NARROW_H
#define DISTILLD_CKERNELS_NARROW_H
#include <stdint.h>

// The first convolution of a network: an image of few channels, of which a window's row is one run of values in memory.
// Runs are multiplied as pairs whatever the number of channels, so that nothing is padded but the end of a run.

/// Images [batch, height, width, inputs], results [batch, out_height, out_width, outputs]; `outputs` is a multiple of 32.
typedef struct {
    int64_t batch, inputs, outputs, height, width, out_height, out_width;
    int64_t kernel[2], stride[2], pad_top, pad_left;
} distill_narrow;

/// Bytes of packed weights.
int64_t distill_narrow_weight_bytes(const distill_narrow *work);
/// Packs weights [outputs, kernel height, kernel width, inputs], as float32.
void distill_narrow_pack(const distill_narrow *work, const float *weights, void *packed);

/// Bytes that a convolution needs beside its operands, with the present number of threads.
int64_t distill_narrow_scratch(const distill_narrow *work);

/// result = max(low, image convolved with weights + bias), in bfloat16. Needs a processor that multiplies pairs of
/// bfloat16.
///
/// - bias: added to each channel; may be null.
/// - low: minus infinity for no limit.
void distill_narrow_run(const distill_narrow *work, const void *image, const void *packed, const float *bias,
                        float low, void *result, void *scratch);
#endif
