#ifndef DISTILLD_CKERNELS_SPATIAL_H
#define DISTILLD_CKERNELS_SPATIAL_H
#include <stdint.h>

/// A window sliding over images stored as [batch, height, width, channels].
typedef struct {
    int64_t batch, channels, height, width, out_height, out_width;
    int64_t window[2], stride[2], pad_top, pad_left, pad_bottom, pad_right;
} distill_window;

void distill_maximum_pool(const distill_window *window, const float *x, float *y);
/// Each window's gradient goes to its first maximum in row-major order.
void distill_maximum_pool_gradient(const distill_window *window, const float *x, const float *g,
                                   float *dx);
/// The mean over a window, over the cells inside the image or (`counts_padding`) inside the padded one.
void distill_average_pool(const distill_window *window, int counts_padding, const float *x,
                          float *y);
void distill_average_pool_gradient(const distill_window *window, int counts_padding,
                                   const float *g, float *dx);

/// Resizes [batch, height, width, channels]; corners are not aligned. 0: nearest, 1: bilinear.
void distill_resize(int bilinear, int64_t batch, int64_t height, int64_t width, int64_t channels,
                    int64_t out_height, int64_t out_width, const float *x, float *y);

/// out[o, i, :] = in[o, index[i], :] for `outer` x `axis` x `inner`; negative indices count from the end, others
/// outside are clamped.
void distill_gather(int64_t outer, int64_t axis, int64_t inner, int64_t indices, const float *in,
                    const float *index, float *out);
#endif
