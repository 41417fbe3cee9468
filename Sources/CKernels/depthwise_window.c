#include "depthwise.h"

// Windows of 3 x 3 over groups of channels. A block of ROWS x COLUMNS results keeps its sums and the nine
// weights in registers, and reads every cell once. Blocks at an image's edge ask, for each row and for the
// outermost columns, whether the image has them; the others do not.
#define ROWS 2
#define COLUMNS 4
#define TAPS(count, stride) (((count) - 1) * (stride) + 3)

#define PARTS(half) ((half) ? 2 : 1)
#define GROUP(half) (LANES * PARTS(half))

int depthwise_window_parts(const depthwise *work, int half) {
    const distill_depthwise *s = &work->shape;
    const int fits =
        s->kernel[0] == 3 && s->kernel[1] == 3 && s->dilation[0] == 1 && s->dilation[1] == 1 &&
        s->stride[0] == s->stride[1] && (s->stride[0] == 1 || s->stride[0] == 2) &&
        s->channels >= GROUP(half) && work->pad_left >= 0 && work->pad_left <= 1 &&
        (work->to_width - 1) * s->stride[1] - work->pad_left + 2 <= work->from_width;
    return fits ? PARTS(half) : 0;
}

/// The results of image n at two rows from oy, or one where that is the last, and at columns from ox.
INLINE void window_block(const depthwise *work, const int half, const int stride, const int columns,
                         const int edge, int64_t n, int64_t oy, int64_t ox) {
    const int64_t channels = work->shape.channels, slots = work->slots;
    const int64_t top = oy * stride - work->pad_top, left = ox * stride - work->pad_left;
    const int64_t line = work->from_width * channels, to_line = work->to_width * channels;
    const int64_t corner = (n * work->from_height + top) * line + left * channels;
    const int64_t to = (n * work->to_height + oy) * to_line + ox * channels;
    const int width = TAPS(columns, stride);
    const int no_first = left < 0, no_last = left + width > work->from_width;
    const int no_second = oy + 1 >= work->to_height;
    for (int64_t slot = 0; slot < slots; slot += GROUP(half)) {
        const int64_t c = depthwise_channel(channels, slot, GROUP(half));
        bit_lanes even[ROWS][COLUMNS];
        UNROLL for (int part = 0; part < PARTS(half); part++) {
            const float *parameters = work->weights + slot + part * LANES;
            lanes weights[9], sum[ROWS][COLUMNS];
            UNROLL for (int k = 0; k < 9; k++) weights[k] = *(const lanes *)(parameters + k * slots);
            UNROLL for (int y = 0; y < ROWS; y++)
                UNROLL for (int x = 0; x < columns; x++)
                    sum[y][x] = *(const lanes *)(work->bias + slot + part * LANES);
            UNROLL for (int r = 0; r < TAPS(ROWS, stride); r++) {
                if (edge && (top + r < 0 || top + r >= work->from_height)) continue;
                lanes in[TAPS(COLUMNS, 2)];
                UNROLL for (int k = 0; k < width; k++) {
                    if (edge && ((k == 0 && no_first) || (k == width - 1 && no_last))) {
                        in[k] = (lanes){0};
                    } else {
                        in[k] = LOAD_PART(half, part, work->from, corner + r * line + k * channels + c);
                    }
                }
                UNROLL for (int y = 0; y < ROWS; y++) {
                    const int tap = r - y * stride;
                    if (tap < 0 || tap > 2) continue;
                    UNROLL for (int x = 0; x < columns; x++)
                        UNROLL for (int k = 0; k < 3; k++)
                            sum[y][x] += in[x * stride + k] * weights[tap * 3 + k];
                }
            }
            if (work->limited)
                UNROLL for (int y = 0; y < ROWS; y++)
                    UNROLL for (int x = 0; x < columns; x++) depthwise_limit(work, &sum[y][x]);
            UNROLL for (int y = 0; y < ROWS; y++) {
                if (edge && y == 1 && no_second) continue;
                UNROLL for (int x = 0; x < columns; x++)
                    depthwise_store(work, half, part, to + y * to_line + x * channels + c, &sum[y][x],
                                    &even[y][x]);
            }
        }
    }
}

/// Results in pairs of rows, [begin, end) of them.
INLINE void window(const void *context, int64_t begin, int64_t end, const int half,
                   const int stride) {
    // A copy, because no store can change it.
    const depthwise copy = *(const depthwise *)context, *work = &copy;
    const int64_t pairs = (work->to_height + 1) / 2, width = work->to_width;
    for (int64_t pair = begin; pair < end; pair++) {
        const int64_t n = pair / pairs, y = pair % pairs * 2;
        const int64_t top = y * stride - work->pad_top;
        const int inside = top >= 0 && top + TAPS(ROWS, stride) <= work->from_height &&
                           y + 1 < work->to_height;
        for (int64_t x = 0; x < width;) {
            // Three columns are done as four, of which one is done again.
            if (width - x == 3 && width > 3) x--;
            const int64_t left = x * stride - work->pad_left, rest = width - x;
            if (rest >= 4) {
                if (inside && left >= 0 && left + TAPS(4, stride) <= work->from_width) {
                    window_block(work, half, stride, 4, 0, n, y, x);
                } else {
                    window_block(work, half, stride, 4, 1, n, y, x);
                }
                x += 4;
            } else if (rest >= 2) {
                window_block(work, half, stride, 2, 1, n, y, x);
                x += 2;
            } else {
                window_block(work, half, stride, 1, 1, n, y, x);
                x += 1;
            }
        }
    }
}

#define WINDOW(name, half, stride)                                                                  \
    CLONES_PART(name) {                                                                             \
        (void)thread;                                                                               \
        window(context, begin, end, half, stride);                                                  \
    }
WINDOW(window_single_1, 0, 1)
WINDOW(window_single_2, 0, 2)
WINDOW(window_half_1, 1, 1)
WINDOW(window_half_2, 1, 2)

void depthwise_window(depthwise *work, int half) {
    const int twice = work->shape.stride[0] == 2;
    distill_parallel(work->shape.batch * ((work->to_height + 1) / 2), 1,
                     depthwise_grain(2 * work->to_width * work->shape.channels),
                     half ? (twice ? window_half_2 : window_half_1)
                          : (twice ? window_single_2 : window_single_1),
                     work);
}
