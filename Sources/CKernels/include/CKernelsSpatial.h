#ifndef DISTILLD_CKERNELS_SPATIAL_H
#define DISTILLD_CKERNELS_SPATIAL_H
#include <stdint.h>

/// A window sliding over images stored as [batch, height, width, channels].
typedef struct {
    int64_t batch, channels, height, width, out_height, out_width;
    int64_t window[2], stride[2], pad_top, pad_left, pad_bottom, pad_right;
} distill_window;

/// Images are bfloat16 where `half` is set, else float32.
void distill_maximum_pool(const distill_window *window, int half, const void *x, void *y);
/// Each window's gradient goes to its first maximum in row-major order. Windows have at most 65,536 cells.
void distill_maximum_pool_gradient(const distill_window *window, int half, const void *x,
                                   const void *g, void *dx, void *scratch);
/// Bytes of scratch memory for it; depends on the thread count.
int64_t distill_maximum_pool_gradient_scratch(const distill_window *window);
/// The mean over a window, over the cells inside the image or (`counts_padding`) inside the padded one.
void distill_average_pool(const distill_window *window, int counts_padding, const float *x,
                          float *y);
void distill_average_pool_gradient(const distill_window *window, int counts_padding,
                                   const float *g, float *dx);

/// One of the two cells that an output cell reads along an axis, and the second one's share.
typedef struct {
    int64_t low, high;
    float share;
} distill_tap;

/// Interpolates [batch, height, width, channels] at `rows` x `columns`, one tap for each cell of the result.
void distill_resize(int64_t batch, int64_t height, int64_t width, int64_t channels,
                    int64_t out_height, int64_t out_width, const distill_tap *rows,
                    const distill_tap *columns, const float *x, float *y);
/// The gradient of `distill_resize` by its image.
void distill_resize_gradient(int64_t batch, int64_t height, int64_t width, int64_t channels,
                             int64_t out_height, int64_t out_width, const distill_tap *rows,
                             const distill_tap *columns, const float *g, float *dx);

/// out[o, i, :] = in[o, index[i], :] for `outer` x `axis` x `inner`; negative indices count from the end.
///
/// Returns -1, or the position of the first index that is outside the axis or no integer.
int64_t distill_gather(int64_t outer, int64_t axis, int64_t inner, int64_t indices,
                       const float *in, const float *index, float *out);
/// Adds each gathered row's gradient to the row it came from. Returns as `distill_gather`.
int64_t distill_gather_gradient(int64_t outer, int64_t axis, int64_t inner, int64_t indices,
                                const float *g, const float *index, float *dx);
#endif
