#include <math.h>
#include <string.h>

#include "CKernelsNormalization.h"
#include "CKernelsParallel.h"
#include "clones.h"

// Layer normalisation: what is normalised over lies innermost, a row for each position.

#define GRAIN 4096

typedef struct {
    int64_t extent;
    float epsilon;
    const float *x, *g, *scale, *offset;
    float *out;
    double *partial;
} layer;

/// The mean of a row and the inverse of its deviation, about the row's first element.
INLINE void row_moments(const layer *work, const float *x, float *mean, float *factor) {
    const float shift = x[0];
    double sum = 0, square = 0;
    for (int64_t start = 0; start < work->extent; start += 1024) {
        const int64_t end = work->extent - start < 1024 ? work->extent : start + 1024;
        float s = 0, q = 0;
        for (int64_t i = start; i < end; i++) {
            // Sums of a block may be added in any order, which lets the compiler use vectors.
            _Pragma("clang fp reassociate(on)") const float d = x[i] - shift;
            s = s + d;
            q = q + d * d;
        }
        sum += s;
        square += q;
    }
    const double shifted = sum / (double)work->extent;
    const double variance = square / (double)work->extent - shifted * shifted;
    *mean = (float)(shift + shifted);
    *factor = (float)(1.0 / sqrt((variance > 0 ? variance : 0) + work->epsilon));
}

CLONES_PART(layer_part) {
    (void)thread;
    const layer *work = context;
    const float *scale = work->scale, *offset = work->offset;
    for (int64_t row = begin; row < end; row++) {
        const float *x = work->x + row * work->extent;
        float *y = work->out + row * work->extent, mean, factor;
        row_moments(work, x, &mean, &factor);
        _Pragma("clang loop vectorize(assume_safety)") for (int64_t i = 0; i < work->extent; i++) {
            y[i] = (x[i] - mean) * factor * scale[i] + offset[i];
        }
    }
}

void distill_normalize_layer(int64_t rows, int64_t extent, const float *x, const float *scale,
                             const float *offset, float epsilon, float *y) {
    layer work = {.extent = extent, .epsilon = epsilon, .x = x, .scale = scale, .offset = offset, .out = y};
    distill_parallel(rows, 1, GRAIN / extent + 1, layer_part, &work);
}

// What is normalised over lies `inner` elements apart: as many rows stand beside each other, TILE of them at a time.
#define TILE 64

typedef struct {
    int64_t extent, inner;
    float epsilon;
    const float *x, *scale, *offset;
    float *out;
} layer_across;

/// The means of `count` rows beside each other and the inverses of their deviations, about their first elements.
INLINE void tile_moments(const layer_across *work, const float *x, int64_t count, float *mean,
                         float *factor) {
    double sums[TILE] = {0}, squares[TILE] = {0};
    for (int64_t start = 0; start < work->extent; start += 1024) {
        const int64_t end = work->extent - start < 1024 ? work->extent : start + 1024;
        float s[TILE] = {0}, q[TILE] = {0};
        for (int64_t i = start; i < end; i++) {
            const float *row = x + i * work->inner;
            for (int64_t lane = 0; lane < count; lane++) {
                const float d = row[lane] - x[lane];
                s[lane] += d;
                q[lane] += d * d;
            }
        }
        for (int64_t lane = 0; lane < count; lane++) {
            sums[lane] += s[lane];
            squares[lane] += q[lane];
        }
    }
    for (int64_t lane = 0; lane < count; lane++) {
        const double shifted = sums[lane] / (double)work->extent;
        const double variance = squares[lane] / (double)work->extent - shifted * shifted;
        mean[lane] = (float)(x[lane] + shifted);
        factor[lane] = (float)(1.0 / sqrt((variance > 0 ? variance : 0) + work->epsilon));
    }
}

CLONES_PART(across_part) {
    (void)thread;
    const layer_across *work = context;
    const int64_t inner = work->inner, tiles = (inner + TILE - 1) / TILE;
    for (int64_t k = begin; k < end; k++) {
        const int64_t first = k % tiles * TILE, start = k / tiles * work->extent * inner + first;
        const int64_t count = inner - first < TILE ? inner - first : TILE;
        const float *x = work->x + start;
        float *y = work->out + start, mean[TILE], factor[TILE];
        tile_moments(work, x, count, mean, factor);
        for (int64_t i = 0; i < work->extent; i++) {
            const float scale = work->scale[i], offset = work->offset[i];
            _Pragma("clang loop vectorize(assume_safety)") for (int64_t lane = 0; lane < count; lane++) {
                y[i * inner + lane] = (x[i * inner + lane] - mean[lane]) * factor[lane] * scale + offset;
            }
        }
    }
}

void distill_normalize_layer_across(int64_t outer, int64_t extent, int64_t inner, const float *x,
                                    const float *scale, const float *offset, float epsilon,
                                    float *y) {
    layer_across work = {.extent = extent, .inner = inner, .epsilon = epsilon, .x = x, .scale = scale,
                         .offset = offset, .out = y};
    const int64_t width = inner < TILE ? inner : TILE;
    distill_parallel(outer * ((inner + TILE - 1) / TILE), 1, GRAIN / (extent * width) + 1, across_part,
                     &work);
}

int64_t distill_normalize_layer_scratch(int64_t extent) {
    return 2 * extent * (int64_t)sizeof(double) * distill_thread_count();
}

CLONES_PART(layer_gradient_part) {
    const layer *work = context;
    const int64_t extent = work->extent;
    const float *scale = work->scale;
    double *dscale = work->partial + 2 * extent * thread, *doffset = dscale + extent;
    for (int64_t row = begin; row < end; row++) {
        const float *x = work->x + row * extent, *g = work->g + row * extent;
        float *dx = work->out + row * extent, mean, factor;
        row_moments(work, x, &mean, &factor);
        double sum = 0, product = 0;
        for (int64_t i = 0; i < extent; i++) {
            const float normal = (x[i] - mean) * factor, h = g[i] * scale[i];
            sum += h;
            product += (double)h * normal;
            dscale[i] += (double)g[i] * normal;
            doffset[i] += g[i];
        }
        const float level = (float)(sum / (double)extent), slope = (float)(product / (double)extent);
        // The result may be either operand: each element is read before it is written.
        _Pragma("clang loop vectorize(assume_safety)") for (int64_t i = 0; i < extent; i++) {
            dx[i] = factor * (g[i] * scale[i] - level - (x[i] - mean) * factor * slope);
        }
    }
}

void distill_normalize_layer_gradient(int64_t rows, int64_t extent, const float *g, const float *x,
                                      const float *scale, float epsilon, float *dx, float *dscale,
                                      float *doffset, void *scratch) {
    layer work = {.extent = extent, .epsilon = epsilon, .x = x, .g = g, .scale = scale, .out = dx,
                  .partial = scratch};
    const int threads = distill_thread_count();
    memset(scratch, 0, (size_t)distill_normalize_layer_scratch(extent));
    distill_parallel(rows, 1, GRAIN / extent + 1, layer_gradient_part, &work);
    for (int64_t i = 0; i < extent; i++) {
        double s = 0, o = 0;
        for (int t = 0; t < threads; t++) {
            s += work.partial[2 * extent * t + i];
            o += work.partial[2 * extent * t + extent + i];
        }
        dscale[i] = (float)s;
        doffset[i] = (float)o;
    }
}
