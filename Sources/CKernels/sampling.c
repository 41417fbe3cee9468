#include <string.h>

#include "CKernelsParallel.h"
#include "CKernelsSpatial.h"
#include "clones.h"

typedef struct {
    int64_t height, width, channels, out_height, out_width;
    const distill_tap *rows, *columns;
    const float *in;
    float *out;
} sampling;

CLONES_PART(resize_part) {
    (void)thread;
    const sampling *s = context;
    const int64_t line = s->width * s->channels;
    for (int64_t row = begin; row < end; row++) {
        const distill_tap v = s->rows[row % s->out_height];
        const float *image = s->in + row / s->out_height * s->height * line;
        for (int64_t column = 0; column < s->out_width; column++) {
            const distill_tap h = s->columns[column];
            const float *a = image + v.low * line + h.low * s->channels;
            const float *b = image + v.low * line + h.high * s->channels;
            const float *c = image + v.high * line + h.low * s->channels;
            const float *d = image + v.high * line + h.high * s->channels;
            const float wa = (1 - v.share) * (1 - h.share), wb = (1 - v.share) * h.share;
            const float wc = v.share * (1 - h.share), wd = v.share * h.share;
            float *out = s->out + (row * s->out_width + column) * s->channels;
            if (v.share == 0 && h.share == 0) {
                memcpy(out, a, (size_t)s->channels * sizeof *out);
                continue;
            }
            for (int64_t k = 0; k < s->channels; k++)
                out[k] = wa * a[k] + wb * b[k] + wc * c[k] + wd * d[k];
        }
    }
}

void distill_resize(int64_t batch, int64_t height, int64_t width, int64_t channels,
                    int64_t out_height, int64_t out_width, const distill_tap *rows,
                    const distill_tap *columns, const float *x, float *y) {
    sampling work = {height, width, channels, out_height, out_width, rows, columns, x, y};
    distill_parallel(batch * out_height, 1, 4096 / (out_width * channels + 1) + 1, resize_part,
                     &work);
}

CLONES_PART(resize_gradient_part) {
    (void)thread;
    const sampling *s = context;
    const int64_t line = s->width * s->channels;
    for (int64_t n = begin; n < end; n++) {
        float *image = s->out + n * s->height * line;
        memset(image, 0, (size_t)(s->height * line) * sizeof *image);
        for (int64_t row = 0; row < s->out_height; row++) {
            const distill_tap v = s->rows[row];
            for (int64_t column = 0; column < s->out_width; column++) {
                const distill_tap h = s->columns[column];
                const float *g =
                    s->in + ((n * s->out_height + row) * s->out_width + column) * s->channels;
                const int64_t lows[2] = {v.low, v.high}, sides[2] = {h.low, h.high};
                const float down[2] = {1 - v.share, v.share}, along[2] = {1 - h.share, h.share};
                for (int i = 0; i < 2; i++)
                    for (int j = 0; j < 2; j++) {
                        const float share = down[i] * along[j];
                        if (share == 0) continue;
                        float *to = image + lows[i] * line + sides[j] * s->channels;
                        for (int64_t k = 0; k < s->channels; k++) to[k] += share * g[k];
                    }
            }
        }
    }
}

void distill_resize_gradient(int64_t batch, int64_t height, int64_t width, int64_t channels,
                             int64_t out_height, int64_t out_width, const distill_tap *rows,
                             const distill_tap *columns, const float *g, float *dx) {
    sampling work = {height, width, channels, out_height, out_width, rows, columns, g, dx};
    distill_parallel(batch, 1, 1, resize_gradient_part, &work);
}

/// The row that an index means, or -1.
static int64_t row_of(float index, int64_t axis) {
    if (!(index >= -(float)axis && index < (float)axis)) return -1;
    const int64_t row = (int64_t)index;
    if ((float)row != index) return -1;
    return row < 0 ? row + axis : row;
}

int64_t distill_gather(int64_t outer, int64_t axis, int64_t inner, int64_t indices,
                       const float *in, const float *index, float *out) {
    for (int64_t i = 0; i < indices; i++) {
        const int64_t row = row_of(index[i], axis);
        if (row < 0) return i;
        for (int64_t o = 0; o < outer; o++)
            memcpy(out + (o * indices + i) * inner, in + (o * axis + row) * inner,
                   (size_t)inner * sizeof *out);
    }
    return -1;
}

int64_t distill_gather_gradient(int64_t outer, int64_t axis, int64_t inner, int64_t indices,
                                const float *g, const float *index, float *dx) {
    memset(dx, 0, (size_t)(outer * axis * inner) * sizeof *dx);
    for (int64_t i = 0; i < indices; i++) {
        const int64_t row = row_of(index[i], axis);
        if (row < 0) return i;
        for (int64_t o = 0; o < outer; o++) {
            float *to = dx + (o * axis + row) * inner;
            const float *from = g + (o * indices + i) * inner;
            for (int64_t k = 0; k < inner; k++) to[k] += from[k];
        }
    }
    return -1;
}
