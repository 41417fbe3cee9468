// What the kernels of depthwise convolutions share.
#ifndef DISTILLD_DEPTHWISE_H
#define DISTILLD_DEPTHWISE_H
#include "CKernelsDepthwise.h"
#include "CKernelsParallel.h"
#include "bfloat.h"

/// One pass. A window at each cell of the images `to` reads cells of the images `from`.
typedef struct {
    distill_depthwise shape;
    /// [batch, from_height, from_width, channels]
    const void *from;
    int64_t from_height, from_width, to_height, to_width, pad_top, pad_left;
    /// [cell of the window, channels]
    const float *weights, *bias;
    float low, high;
    /// [batch, to_height, to_width, channels]: the result, or a factor in the weights' gradient.
    void *to;
    /// [thread, cell of the window, slots]: sums of the weights' gradient.
    double *partial;
} depthwise;

/// Channels rounded up to whole vectors; the last vector ends with the last channel.
INLINE int64_t depthwise_slots(int64_t channels) { return (channels + LANES - 1) / LANES * LANES; }

/// The first channel of vector `block`, where there are at least LANES channels.
INLINE int64_t depthwise_channel(int64_t channels, int64_t block) {
    return block * LANES + LANES <= channels ? block * LANES : channels - LANES;
}

/// Items of a parallel loop of which each touches `elements` that are worth another thread.
INLINE int64_t depthwise_grain(int64_t elements) { return 16384 / (elements + 1) + 1; }

#define LOAD(half, base, at)                                                                        \
    ((half) ? load_bfloat((const uint16_t *)(base) + (at)) : *(const lanes *)((const float *)(base) + (at)))

/// Limits `values` and writes them; not-a-number stays one.
INLINE void depthwise_store(const depthwise *work, const int half, int64_t at, const lanes *values) {
    const lanes low = (lanes){0} + work->low, high = (lanes){0} + work->high;
    const bit_lanes below = (bit_lanes)(*values < low), above = (bit_lanes)(*values > high);
    const bit_lanes raised = ((bit_lanes)low & below) | ((bit_lanes)*values & ~below);
    const lanes limited = (lanes)(((bit_lanes)high & above) | (raised & ~above));
    if (half) {
        store_bfloat((uint16_t *)work->to + at, limited);
    } else {
        *(lanes *)((float *)work->to + at) = limited;
    }
}

typedef double wide_lanes __attribute__((vector_size(128), aligned(8), may_alias));

INLINE void depthwise_accumulate(double *partial, const lanes *sum) {
    *(wide_lanes *)partial += __builtin_convertvector(*sum, wide_lanes);
}

#define UNROLL _Pragma("clang loop unroll(full)")

// Any window; `backward` gathers gradients with the strides and dilations of `shape`.
void depthwise_gather(depthwise *work, int half, int backward);
void depthwise_weights(depthwise *work, int half);

// Windows of 3 x 3 moved by 1 or 2 in both directions, which overhang an image by at most one column.
int depthwise_window_fits(const depthwise *work);
void depthwise_window(depthwise *work, int half);
void depthwise_window_weights(depthwise *work, int half);
int depthwise_spread_fits(const depthwise *work);
void depthwise_spread(depthwise *work, int half);

#endif
