// What the kernels of depthwise convolutions share.
#ifndef DISTILLD_DEPTHWISE_H
#define DISTILLD_DEPTHWISE_H
#include "CKernelsDepthwise.h"
#include "CKernelsParallel.h"
#include "bfloat.h"

// Channels are taken in groups. In the kernels for 3 x 3 windows a group has one or two parts of LANES
// channels; of bfloat16 it has two, first the channels at even places, then the others. The general kernels
// take LANES channels, and single ones where there are fewer.

/// One pass. A window at each cell of the images `to` reads cells of the images `from`.
typedef struct {
    distill_depthwise shape;
    /// [batch, from_height, from_width, channels]
    const void *from;
    int64_t from_height, from_width, to_height, to_width, pad_top, pad_left;
    /// [cell of the window, slots]: one slot for each channel of each group.
    const float *weights, *bias;
    int64_t slots, group;
    int pairs, limited;
    float low, high;
    /// [batch, to_height, to_width, channels]: the result, or a factor in the weights' gradient.
    void *to;
    /// [thread, cell of the window, slots]: sums of the weights' gradient.
    double *partial;
    /// [thread]: whether it has any sums.
    int64_t *busy;
} depthwise;

/// The first of the `size` channels in the slots from `slot`: the last group of channels ends with the last
/// channel, and may overlap the one before it.
INLINE int64_t depthwise_channel(int64_t channels, int64_t slot, int64_t size) {
    return slot + size <= channels ? slot : channels - size;
}

/// Items of a parallel loop of which each touches `elements` that are worth another thread.
INLINE int64_t depthwise_grain(int64_t elements) { return 16384 / (elements + 1) + 1; }

/// One part of a group of channels that begins at `at`.
#define LOAD_PART(half, part, base, at)                                                             \
    ((half) ? load_bfloat_pairs((const uint16_t *)(base) + (at), part)                              \
            : *(const lanes *)((const float *)(base) + (at) + (part) * LANES))

/// Limits `values`; not-a-number stays one.
INLINE void depthwise_limit(const depthwise *work, lanes *values) {
    const lanes low = (lanes){0} + work->low, high = (lanes){0} + work->high;
    const bit_lanes below = (bit_lanes)(*values < low), above = (bit_lanes)(*values > high);
    const bit_lanes raised = ((bit_lanes)low & below) | ((bit_lanes)*values & ~below);
    *values = (lanes)(((bit_lanes)high & above) | (raised & ~above));
}

/// Writes one part of a group. Of bfloat16, part 0 is kept in `even` until part 1 comes.
INLINE void depthwise_store(const depthwise *work, const int half, const int part, int64_t at,
                            const lanes *values, bit_lanes *even) {
    if (!half) {
        *(lanes *)((float *)work->to + at + part * LANES) = *values;
    } else if (part == 0) {
        round_lanes(values, even);
    } else {
        bit_lanes odd;
        round_lanes(values, &odd);
        store_bfloat_pairs((uint16_t *)work->to + at, even, &odd);
    }
}

typedef double wide_lanes __attribute__((vector_size(128), aligned(8), may_alias));

INLINE void depthwise_accumulate(double *partial, const lanes *sum) {
    *(wide_lanes *)partial += __builtin_convertvector(*sum, wide_lanes);
}

/// One thread's sums, at first zero.
INLINE double *depthwise_partial(const depthwise *work, int thread) {
    const int64_t sums = work->shape.kernel[0] * work->shape.kernel[1] * work->slots;
    double *partial = work->partial + thread * sums;
    work->busy[thread] = 1;
    memset(partial, 0, (size_t)sums * sizeof *partial);
    return partial;
}

#define UNROLL _Pragma("clang loop unroll(full)")

// Any window; `backward` gathers gradients with the strides and dilations of `shape`.
void depthwise_gather(depthwise *work, int half, int backward);
void depthwise_weights(depthwise *work, int half);

// Windows of 3 x 3 moved by 1 or 2 in both directions, which overhang an image by at most one column. The
// first function of each two says how many parts a group has, or 0 where the second cannot be used.
int depthwise_window_parts(const depthwise *work, int half);
void depthwise_window(depthwise *work, int half);
int depthwise_spread_parts(const depthwise *work, int half);
void depthwise_spread(depthwise *work, int half);
int depthwise_window_weights_parts(const depthwise *work, int half);
void depthwise_window_weights(depthwise *work, int half);

#endif
