#include "depthwise.h"

// The gradient by the image of 3 x 3 windows that move by 2. Along each axis a pair of neighbouring cells
// reads two neighbouring gradients: one cell of the pair was under the middle of one window, the other under
// the ends of two. The pair's first cell is the one under a middle where the padding is 1 (`odd`), else its
// second. A block is one pair of rows and COLUMNS pairs of columns.
#define COLUMNS 4

#define PARTS(half) ((half) ? 2 : 1)
#define GROUP(half) (LANES * PARTS(half))

int depthwise_spread_parts(const depthwise *work, int half) {
    const distill_depthwise *s = &work->shape;
    const int fits =
        s->kernel[0] == 3 && s->kernel[1] == 3 && s->dilation[0] == 1 && s->dilation[1] == 1 &&
        s->stride[0] == 2 && s->stride[1] == 2 && s->channels >= GROUP(half) &&
        s->pad_top == s->pad_left && s->pad_left >= 0 && s->pad_left <= 1 &&
        (work->to_width + 1) / 2 - 1 + s->pad_left <= work->from_width;
    return fits ? PARTS(half) : 0;
}

/// Adds one row of gradients, weighted by a row of the window, to one row of cells.
INLINE void spread_row(const lanes *in, const int odd, const int columns, const float *weights,
                       int64_t slots, lanes *sum) {
    const lanes w0 = *(const lanes *)weights, w1 = *(const lanes *)(weights + slots);
    const lanes w2 = *(const lanes *)(weights + 2 * slots);
    UNROLL for (int x = 0; x < columns; x++) {
        sum[2 * x + !odd] += in[x + !odd] * w1;
        sum[2 * x + odd] += in[x] * w2;
        sum[2 * x + odd] += in[x + 1] * w0;
    }
}

INLINE void spread_block(const depthwise *work, const int half, const int odd, const int columns,
                         const int edge, int64_t n, int64_t y, int64_t x) {
    const int64_t channels = work->shape.channels, slots = work->slots;
    const int64_t line = work->from_width * channels, to_line = work->to_width * channels;
    const int64_t top = y / 2 - !odd, left = x / 2 - !odd;
    const int64_t corner = (n * work->from_height + top) * line + left * channels;
    const int64_t to = (n * work->to_height + y) * to_line + x * channels;
    const int no_first = left < 0, no_last = left + columns >= work->from_width;
    for (int64_t slot = 0; slot < slots; slot += GROUP(half)) {
        const int64_t c = depthwise_channel(channels, slot, GROUP(half));
        UNROLL for (int row = 0; row < 2; row++) {
            if (edge && y + row >= work->to_height) continue;
            bit_lanes even[2 * COLUMNS];
            UNROLL for (int part = 0; part < PARTS(half); part++) {
                const float *weights = work->weights + slot + part * LANES;
                lanes sum[2 * COLUMNS];
                UNROLL for (int k = 0; k < 2 * columns; k++) sum[k] = (lanes){0};
                UNROLL for (int r = 0; r < 2; r++) {
                    // The row under the windows' middle reads one row of gradients, the other two.
                    if (row == !odd && r != !odd) continue;
                    if (edge && (top + r < 0 || top + r >= work->from_height)) continue;
                    lanes in[COLUMNS + 1];
                    UNROLL for (int k = 0; k <= columns; k++) {
                        if (edge && ((k == 0 && no_first) || (k == columns && no_last))) {
                            in[k] = (lanes){0};
                        } else {
                            in[k] =
                                LOAD_PART(half, part, work->from, corner + r * line + k * channels + c);
                        }
                    }
                    const int tap = row == !odd ? 1 : r == 0 ? 2 : 0;
                    spread_row(in, odd, columns, weights + tap * 3 * slots, slots, sum);
                }
                UNROLL for (int k = 0; k < 2 * columns; k++) {
                    if (edge && k == 2 * columns - 1 && x + k >= work->to_width) continue;
                    depthwise_store(work, half, part, to + row * to_line + k * channels + c, &sum[k],
                                    &even[k]);
                }
            }
        }
    }
}

/// Results in pairs of rows, [begin, end) of them.
INLINE void spread(const void *context, int64_t begin, int64_t end, const int half, const int odd) {
    // A copy, because no store can change it.
    const depthwise copy = *(const depthwise *)context, *work = &copy;
    const int64_t pairs = (work->to_height + 1) / 2, width = (work->to_width + 1) / 2;
    for (int64_t pair = begin; pair < end; pair++) {
        const int64_t n = pair / pairs, y = pair % pairs * 2, top = y / 2 - !odd;
        const int inside = top >= 0 && top + 2 <= work->from_height && y + 2 <= work->to_height;
        for (int64_t x = 0; x < width;) {
            // Three pairs are done as four, of which one is done again.
            if (width - x == 3 && width > 3) x--;
            const int64_t left = x - !odd, rest = width - x;
            if (rest >= 4) {
                if (inside && left >= 0 && left + 4 < work->from_width && 2 * (x + 4) <= work->to_width) {
                    spread_block(work, half, odd, 4, 0, n, y, 2 * x);
                } else {
                    spread_block(work, half, odd, 4, 1, n, y, 2 * x);
                }
                x += 4;
            } else if (rest >= 2) {
                spread_block(work, half, odd, 2, 1, n, y, 2 * x);
                x += 2;
            } else {
                spread_block(work, half, odd, 1, 1, n, y, 2 * x);
                x += 1;
            }
        }
    }
}

#define SPREAD(name, half, odd)                                                                     \
    CLONES_PART(name) {                                                                             \
        (void)thread;                                                                               \
        spread(context, begin, end, half, odd);                                                     \
    }
SPREAD(spread_single_even, 0, 0)
SPREAD(spread_single_odd, 0, 1)
SPREAD(spread_half_even, 1, 0)
SPREAD(spread_half_odd, 1, 1)

void depthwise_spread(depthwise *work, int half) {
    const int odd = work->shape.pad_left == 1;
    distill_parallel(work->shape.batch * ((work->to_height + 1) / 2), 1,
                     depthwise_grain(2 * work->to_width * work->shape.channels),
                     half ? (odd ? spread_half_odd : spread_half_even)
                          : (odd ? spread_single_odd : spread_single_even),
                     work);
}
