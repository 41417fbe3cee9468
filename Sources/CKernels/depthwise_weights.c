#include "depthwise.h"

// The gradient by the weights of 3 x 3 windows. Nine sums for a group of channels stay in registers over a
// band of rows, of about BAND bytes so that it stays in the cache while its groups take their turns.
#define BAND 262144
#define COLUMNS 4
#define TAPS(count, stride) (((count) - 1) * (stride) + 3)

int depthwise_window_weights_parts(const depthwise *work, int half) {
    const int parts = depthwise_window_parts(work, half);
    return parts && work->shape.channels >= 2 * LANES ? 2 : parts;
}

/// The places of `columns` gradients and of the first of the cells under their windows.
typedef struct {
    int64_t g, x;
    /// Which rows of the windows the image has.
    int rows[3];
    int no_first, no_last;
} products;

INLINE void add_products(const depthwise *work, const int half, const int parts, const int stride,
                         const int columns, const int edge, const products *at, lanes *sum) {
    const int64_t channels = work->shape.channels, line = work->from_width * channels;
    const int width = TAPS(columns, stride);
    UNROLL for (int part = 0; part < parts; part++) {
        lanes g[COLUMNS];
        UNROLL for (int k = 0; k < columns; k++)
            g[k] = LOAD_PART(half, part, work->to, at->g + k * channels);
        UNROLL for (int r = 0; r < 3; r++) {
            if (edge && !at->rows[r]) continue;
            lanes in[TAPS(COLUMNS, 2)];
            UNROLL for (int k = 0; k < width; k++) {
                if (edge && ((k == 0 && at->no_first) || (k == width - 1 && at->no_last))) {
                    in[k] = (lanes){0};
                } else {
                    in[k] = LOAD_PART(half, part, work->from, at->x + r * line + k * channels);
                }
            }
            UNROLL for (int x = 0; x < columns; x++)
                UNROLL for (int k = 0; k < 3; k++)
                    sum[part * 9 + r * 3 + k] += g[x] * in[x * stride + k];
        }
    }
}

/// The sums over rows [begin, end) for the channels in the slots from `slot`.
INLINE void band(const depthwise *work, const int half, const int parts, const int stride,
                 int64_t begin, int64_t end, int64_t slot, double *partial) {
    const int64_t channels = work->shape.channels;
    const int64_t c = depthwise_channel(channels, slot, parts * LANES);
    lanes sum[18];
    UNROLL for (int k = 0; k < 9 * parts; k++) sum[k] = (lanes){0};
    int64_t n = begin / work->to_height, oy = begin % work->to_height;
    for (int64_t row = begin; row < end; row++) {
        const int64_t top = oy * stride - work->pad_top;
        const int64_t line = (n * work->from_height + top) * work->from_width;
        products at = {.rows = {top >= 0 && top < work->from_height,
                                top + 1 >= 0 && top + 1 < work->from_height,
                                top + 2 >= 0 && top + 2 < work->from_height}};
        const int inside = at.rows[0] && at.rows[1] && at.rows[2];
        for (int64_t column = 0; column < work->to_width;) {
            const int64_t left = column * stride - work->pad_left, rest = work->to_width - column;
            const int columns = rest >= 4 ? 4 : rest >= 2 ? 2 : 1;
            at.g = (row * work->to_width + column) * channels + c;
            at.x = (line + left) * channels + c;
            at.no_first = left < 0;
            at.no_last = left + TAPS(columns, stride) > work->from_width;
            if (columns == 4) {
                if (inside && !at.no_first && !at.no_last) {
                    add_products(work, half, parts, stride, 4, 0, &at, sum);
                } else {
                    add_products(work, half, parts, stride, 4, 1, &at, sum);
                }
            } else if (columns == 2) {
                add_products(work, half, parts, stride, 2, 1, &at, sum);
            } else {
                add_products(work, half, parts, stride, 1, 1, &at, sum);
            }
            column += columns;
        }
        if (++oy == work->to_height) {
            oy = 0;
            n++;
        }
    }
    UNROLL for (int part = 0; part < parts; part++)
        UNROLL for (int k = 0; k < 9; k++)
            depthwise_accumulate(partial + k * work->slots + slot + part * LANES, &sum[part * 9 + k]);
}

INLINE void bands(const void *context, int64_t first, int64_t last, int thread, const int half,
                  const int parts, const int stride) {
    const depthwise copy = *(const depthwise *)context, *work = &copy;
    const int64_t channels = work->shape.channels;
    const int64_t bytes = (work->from_width * stride + work->to_width) * channels * (half ? 2 : 4);
    const int64_t rows = BAND / bytes < 1 ? 1 : BAND / bytes;
    double *partial = depthwise_partial(work, thread);
    for (int64_t begin = first; begin < last; begin += rows) {
        const int64_t end = last - begin < rows ? last : begin + rows;
        for (int64_t slot = 0; slot < work->slots; slot += parts * LANES)
            band(work, half, parts, stride, begin, end, slot, partial);
    }
}

#define BANDS(name, half, parts, stride)                                                            \
    CLONES_PART(name) {                                                                             \
        bands(context, begin, end, thread, half, parts, stride);                                    \
    }
BANDS(bands_narrow_1, 0, 1, 1)
BANDS(bands_narrow_2, 0, 1, 2)
BANDS(bands_single_1, 0, 2, 1)
BANDS(bands_single_2, 0, 2, 2)
BANDS(bands_half_1, 1, 2, 1)
BANDS(bands_half_2, 1, 2, 2)

void depthwise_window_weights(depthwise *work, int half) {
    static const distill_range_body bodies[3][2] = {{bands_narrow_1, bands_narrow_2},
                                                    {bands_single_1, bands_single_2},
                                                    {bands_half_1, bands_half_2}};
    const int kind = half ? 2 : work->group == 2 * LANES;
    distill_parallel(work->shape.batch * work->to_height, 1,
                     depthwise_grain(work->to_width * work->shape.channels * 4),
                     bodies[kind][work->shape.stride[0] == 2], work);
}
