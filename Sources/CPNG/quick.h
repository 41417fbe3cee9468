// The usual PNG without libpng: non-interlaced gray or RGB of 8 or 16 bits, inflated in one piece.
//
// Whatever is unusual or looks wrong is left to libpng, whose verdict then counts: this path takes only
// files that libpng takes too, and gives the same bytes.
#ifndef DISTILL_CPNG_QUICK_H
#define DISTILL_CPNG_QUICK_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <libdeflate.h>

/// Where the picture data of a file lies.
typedef struct distill_png_data {
    const uint8_t *first;  // the first IDAT chunk's payload
    size_t chunks;         // IDAT chunks, one behind the other
    size_t bytes;          // of all payloads
} distill_png_data;

static inline uint32_t distill_png_big_endian(const uint8_t *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/// Whether libpng reads chunks of this kind without changing pixels or refusing the file.
static inline int distill_png_is_harmless(const uint8_t *name) {
    static const char names[] = "tEXtpHYsgAMAcHRMsRGBtIMEsBIT";
    for (size_t i = 0; i + 4 < sizeof names; i += 4) {
        if (memcmp(names + i, name, 4) == 0) { return 1; }
    }
    return 0;
}

/// Walks over the chunks behind IHDR up to IEND and checks their sums. Returns 0 for anything unusual.
static inline __attribute__((unused, noinline)) int distill_png_find_data(
    const uint8_t *bytes, size_t count, distill_png_data *data
) {
    size_t position = 33, others = 0;
    int ended = 0;
    memset(data, 0, sizeof *data);
    while (count - position >= 12) {
        const uint8_t *chunk = bytes + position, *name = chunk + 4;
        size_t length = distill_png_big_endian(chunk);
        if (length > count - position - 12) { return 0; }
        if (libdeflate_crc32(0, name, length + 4) != distill_png_big_endian(name + 4 + length)) {
            return 0;
        }
        position += length + 12;
        if (memcmp(name, "IDAT", 4) == 0) {
            if (ended) { return 0; }
            if (data->chunks == 0) { data->first = name + 4; }
            data->chunks += 1;
            data->bytes += length;
            continue;
        }
        ended = data->chunks > 0;
        if (memcmp(name, "IEND", 4) == 0) { return ended && length == 0; }
        if (!distill_png_is_harmless(name) || length > 65536 || ++others > 64) { return 0; }
    }
    return 0;
}

/// Undoes one row's filter in place. `before` is the row above, null for the first.
///
/// - Reference: PNG specification, 9. `step` bytes make a pixel; each is predicted from the same byte of
///   the pixels to the left, above and left above.
static inline __attribute__((always_inline)) int distill_png_unfilter(
    uint8_t *row, const uint8_t *before, size_t count, int filter, const size_t step
) {
    uint8_t left[8] = {0}, corner[8] = {0};
    switch (filter) {
    case 0: return 1;
    case 1:
        for (size_t i = 0; i < count; i += step) {
            for (size_t j = 0; j < step; j++) { row[i + j] = left[j] = (uint8_t)(row[i + j] + left[j]); }
        }
        return 1;
    case 2:
        if (before != NULL) {
            for (size_t i = 0; i < count; i++) { row[i] = (uint8_t)(row[i] + before[i]); }
        }
        return 1;
    case 3:
        for (size_t i = 0; i < count; i += step) {
            for (size_t j = 0; j < step; j++) {
                unsigned above = before != NULL ? before[i + j] : 0;
                row[i + j] = left[j] = (uint8_t)(row[i + j] + ((left[j] + above) >> 1));
            }
        }
        return 1;
    case 4:
        for (size_t i = 0; i < count; i += step) {
            for (size_t j = 0; j < step; j++) {
                int above = before != NULL ? before[i + j] : 0;
                int a = left[j], c = corner[j];
                int toAbove = above - c, toLeft = a - c;
                int ofLeft = abs(toAbove), ofAbove = abs(toLeft), ofCorner = abs(toAbove + toLeft);
                int nearest = ofAbove <= ofCorner ? above : c;
                int smaller = ofAbove <= ofCorner ? ofAbove : ofCorner;
                nearest = ofLeft <= smaller ? a : nearest;
                row[i + j] = left[j] = (uint8_t)(row[i + j] + nearest);
                corner[j] = (uint8_t)above;
            }
        }
        return 1;
    default: return 0;
    }
}

// Two bytes of each of eight rows, widened; a pixel of each of eight rows; eight pixels of a row.
typedef int16_t distill_png_lanes __attribute__((vector_size(32)));
typedef uint8_t distill_png_column __attribute__((vector_size(16), aligned(1)));
typedef uint16_t distill_png_words __attribute__((vector_size(16), aligned(1)));

/// Rows become columns.
static inline __attribute__((always_inline)) void distill_png_transpose(distill_png_words *v) {
    distill_png_words t[8];
    for (int i = 0; i < 4; i++) {
        t[2 * i] = __builtin_shufflevector(v[2 * i], v[2 * i + 1], 0, 8, 1, 9, 2, 10, 3, 11);
        t[2 * i + 1] = __builtin_shufflevector(v[2 * i], v[2 * i + 1], 4, 12, 5, 13, 6, 14, 7, 15);
    }
    for (int i = 0; i < 2; i++) {
        for (int j = 0; j < 2; j++) {
            distill_png_words a = t[4 * i + j], b = t[4 * i + 2 + j];
            v[4 * i + 2 * j] = __builtin_shufflevector(a, b, 0, 1, 8, 9, 2, 3, 10, 11);
            v[4 * i + 2 * j + 1] = __builtin_shufflevector(a, b, 4, 5, 12, 13, 6, 7, 14, 15);
        }
    }
    for (int i = 0; i < 4; i++) {
        t[2 * i] = __builtin_shufflevector(v[i], v[4 + i], 0, 1, 2, 3, 8, 9, 10, 11);
        t[2 * i + 1] = __builtin_shufflevector(v[i], v[4 + i], 4, 5, 6, 7, 12, 13, 14, 15);
    }
    for (int i = 0; i < 8; i++) { v[i] = t[i]; }
}

/// Undoes the filters of eight rows of 16-bit gray at once: row k is k pixels behind row 0, so that what
/// each of them needs from the row above has just been found.
///
/// With a, b, c = left, above, left above, Paeth's choice of (a, 0, 0) is a and of (0, b, 0) is b, so
/// that the filters None, Sub and Up are Paeth with some of them blanked out. `above` holds the bytes of
/// the row above and receives those of the last row; `skewed` has room for 16 (width + 7) bytes.
static inline __attribute__((always_inline)) void distill_png_unfilter_eight_rows(
    const uint8_t *raw, size_t stride, uint8_t *above, uint8_t *skewed, uint8_t *pixels, size_t width
) {
    const size_t steps = width + 7, row_bytes = 2 * width;
    const uint8_t *rows = raw + 1;
    const size_t rest = width / 8 * 8;  // from step 8 up to here all eight rows are inside
    memset(skewed, 0, 16 * 8);
    memset(skewed + 16 * width, 0, 16 * 7);
    for (size_t k = 0; k < 8; k++) {
        for (size_t s = k; s < width + k; s += s + 1 == 8 && rest > 8 ? rest - 7 : 1) {
            memcpy(skewed + 16 * s + 2 * k, rows + k * stride + 2 * (s - k), 2);
        }
    }
    for (size_t s = 8; s + 8 <= rest; s += 8) {
        distill_png_words v[8];
        for (size_t k = 0; k < 8; k++) {
            memcpy(&v[k], rows + k * stride + 2 * (s - k), 16);
        }
        distill_png_transpose(v);
        memcpy(skewed + 16 * s, v, sizeof v);
    }

    distill_png_lanes usesLeft, usesAbove, usesCorner;
    for (int k = 0; k < 8; k++) {
        int filter = raw[k * stride];
        for (int j = 2 * k; j < 2 * k + 2; j++) {
            usesLeft[j] = filter == 1 || filter == 4 ? -1 : 0;
            usesAbove[j] = filter == 2 || filter == 4 ? -1 : 0;
            usesCorner[j] = filter == 4 ? -1 : 0;
        }
    }
    distill_png_lanes found = {0}, corner = {0};
    for (size_t s = 0; s < steps; s++) {
        distill_png_lanes top = {0};
        if (s < width) {
            top[0] = above[2 * s];
            top[1] = above[2 * s + 1];
        }
        distill_png_column column;
        memcpy(&column, skewed + 16 * s, 16);
        distill_png_lanes b = __builtin_shufflevector(
            found, top, 16, 17, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13);
        distill_png_lanes a = found & usesLeft, c = corner & usesCorner;
        corner = b;
        b &= usesAbove;
        distill_png_lanes toAbove = b - c, toLeft = a - c, toBoth = toAbove + toLeft;
        distill_png_lanes ofLeft = __builtin_elementwise_abs(toAbove);
        distill_png_lanes ofAbove = __builtin_elementwise_abs(toLeft);
        distill_png_lanes ofCorner = __builtin_elementwise_abs(toBoth);
        distill_png_lanes isCorner = ofAbove > ofCorner;
        distill_png_lanes nearest = (c & isCorner) | (b & ~isCorner);
        distill_png_lanes isOther = ofLeft > __builtin_elementwise_min(ofAbove, ofCorner);
        nearest = (nearest & isOther) | (a & ~isOther);
        found = (__builtin_convertvector(column, distill_png_lanes) + nearest) & 255;
        column = __builtin_convertvector(found, distill_png_column);
        memcpy(skewed + 16 * s, &column, 16);
    }

    for (size_t s = 0; s < width; s++) { memcpy(above + 2 * s, skewed + 16 * (s + 7) + 14, 2); }
    for (size_t s = 8; s + 8 <= rest; s += 8) {
        distill_png_words v[8];
        memcpy(v, skewed + 16 * s, sizeof v);
        distill_png_transpose(v);
        for (size_t k = 0; k < 8; k++) {
            const uint16_t probe = 1;
            if (*(const uint8_t *)&probe == 1) { v[k] = v[k] << 8 | v[k] >> 8; }
            memcpy(pixels + k * row_bytes + 2 * (s - k), &v[k], 16);
        }
    }
    for (size_t k = 0; k < 8; k++) {
        for (size_t s = k; s < width + k; s += s + 1 == 8 && rest > 8 ? rest - 7 : 1) {
            const uint8_t *from = skewed + 16 * s + 2 * k;
            uint16_t value = (uint16_t)(from[0] << 8 | from[1]);
            memcpy(pixels + k * row_bytes + 2 * (s - k), &value, 2);
        }
    }
}

static inline __attribute__((unused, noinline)) void distill_png_unfilter_eight(
    const uint8_t *raw, size_t stride, uint8_t *above, uint8_t *skewed, uint8_t *pixels, size_t width
) {
    distill_png_unfilter_eight_rows(raw, stride, above, skewed, pixels, width);
}

#if defined(__x86_64__)
/// The same where all sixteen lanes fit one register.
static inline __attribute__((unused, noinline, target("avx2"))) void distill_png_unfilter_eight_wide(
    const uint8_t *raw, size_t stride, uint8_t *above, uint8_t *skewed, uint8_t *pixels, size_t width
) {
    distill_png_unfilter_eight_rows(raw, stride, above, skewed, pixels, width);
}
#endif

/// Writes a row's values, 16-bit ones in native order.
static inline __attribute__((always_inline)) void distill_png_put(
    const uint8_t *row, uint8_t *pixels, size_t row_bytes, int is_wide
) {
    if (!is_wide) {
        memcpy(pixels, row, row_bytes);
        return;
    }
    for (size_t i = 0; i < row_bytes; i += 2) {
        uint16_t value = (uint16_t)(row[i] << 8 | row[i + 1]);
        memcpy(pixels + i, &value, 2);
    }
}

/// Undoes all filters of an inflated picture and writes its values.
static inline __attribute__((always_inline)) int distill_png_unfilter_all(
    uint8_t *raw, uint8_t *pixels, size_t row_bytes, uint32_t height, int is_wide, const size_t step
) {
    const uint8_t *before = NULL;
    for (uint32_t y = 0; y < height; y++) {
        uint8_t *row = raw + (row_bytes + 1) * y + 1;
        if (!distill_png_unfilter(row, before, row_bytes, row[-1], step)) { return 0; }
        distill_png_put(row, pixels + row_bytes * y, row_bytes, is_wide);
        before = row;
    }
    return 1;
}

/// The same for 16-bit gray, eight rows at a time where their filters allow it.
static inline __attribute__((unused, noinline)) int distill_png_unfilter_gray16(
    uint8_t *raw, uint8_t *pixels, size_t width, uint32_t height
) {
    const size_t row_bytes = 2 * width, stride = row_bytes + 1;
    uint8_t *above = (uint8_t *)malloc(row_bytes + 16 * (width + 7));
    if (above == NULL) { return 0; }
    memset(above, 0, row_bytes);
#if defined(__x86_64__)
    const int is_wide = __builtin_cpu_supports("avx2") != 0;
#endif
    int good = 1;
    for (uint32_t y = 0; y < height && good;) {
        uint8_t *row = raw + stride * y;
        uint32_t alike = 0;
        while (alike < 8 && y + alike < height && row[alike * stride] != 3 && row[alike * stride] <= 4) {
            alike++;
        }
        if (alike == 8 && width >= 8) {
            uint8_t *skewed = above + row_bytes, *out = pixels + row_bytes * y;
#if defined(__x86_64__)
            if (is_wide) {
                distill_png_unfilter_eight_wide(row, stride, above, skewed, out, width);
            } else {
                distill_png_unfilter_eight(row, stride, above, skewed, out, width);
            }
#else
            distill_png_unfilter_eight(row, stride, above, skewed, out, width);
#endif
            y += 8;
            continue;
        }
        good = distill_png_unfilter(row + 1, above, row_bytes, row[0], 2);
        distill_png_put(row + 1, pixels + row_bytes * y, row_bytes, 1);
        memcpy(above, row + 1, row_bytes);
        y++;
    }
    free(above);
    return good;
}

static inline __attribute__((unused, noinline)) int distill_png_unfilter_picture(
    uint8_t *raw, uint8_t *pixels, size_t row_bytes, uint32_t height, int is_wide, size_t step
) {
    switch (step) {
    case 1: return distill_png_unfilter_all(raw, pixels, row_bytes, height, 0, 1);
    case 2: return distill_png_unfilter_gray16(raw, pixels, row_bytes / 2, height);
    case 3: return distill_png_unfilter_all(raw, pixels, row_bytes, height, 0, 3);
    default: return distill_png_unfilter_all(raw, pixels, row_bytes, height, is_wide, 6);
    }
}

/// Inflates the picture data into exactly `size` bytes.
static inline __attribute__((unused, noinline)) int distill_png_inflate(
    const distill_png_data *data, uint8_t *raw, size_t size
) {
    const uint8_t *packed = data->first;
    uint8_t *joined = NULL;
    if (data->chunks > 1) {
        joined = (uint8_t *)malloc(data->bytes > 0 ? data->bytes : 1);
        if (joined == NULL) { return 0; }
        const uint8_t *from = data->first;
        size_t filled = 0;
        for (size_t i = 0; i < data->chunks; i++) {
            size_t length = distill_png_big_endian(from - 8);
            memcpy(joined + filled, from, length);
            filled += length;
            from += length + 12;
        }
        packed = joined;
    }
    int good = 0;
    // zlib refuses distances beyond the window that the stream declares; libdeflate knows no window.
    if (data->bytes > 2 && ((size_t)256 << (packed[0] >> 4) >= size || packed[0] >> 4 == 7)) {
        struct libdeflate_decompressor *inflater = libdeflate_alloc_decompressor();
        if (inflater != NULL) {
            size_t read = 0, written = 0;
            good = libdeflate_zlib_decompress_ex(
                       inflater, packed, data->bytes, raw, size, &read, &written)
                    == LIBDEFLATE_SUCCESS
                && read == data->bytes && written == size;
            libdeflate_free_decompressor(inflater);
        }
    }
    free(joined);
    return good;
}

/// Reads a gray or RGB picture of `depth` bits (8 or 16) that has `channels` (1 or 3), in one go.
///
/// `capacity` is the size of `pixels` in bytes. Returns 1 when `pixels` holds the picture, 0 when libpng
/// must look at the file.
static inline __attribute__((unused, noinline)) int distill_png_read_quickly(
    const uint8_t *bytes, size_t count, uint32_t depth, uint32_t channels, void *pixels,
    size_t capacity
) {
    static const uint8_t head[16] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n',
                                     0,    0,   0,   13,  'I',  'H',  'D',  'R'};
    if (count < 33 + 12 + 12 || memcmp(bytes, head, sizeof head) != 0) { return 0; }
    uint32_t width = distill_png_big_endian(bytes + 16), height = distill_png_big_endian(bytes + 20);
    // Compression, filter method and interlacing, which are 0 in the usual file.
    if (bytes[24] != depth || bytes[25] != (channels == 1 ? 0 : 2) || bytes[26] != 0
        || bytes[27] != 0 || bytes[28] != 0 || width == 0 || height == 0 || width > 32768
        || height > 32768 || libdeflate_crc32(0, bytes + 12, 17) != distill_png_big_endian(bytes + 29)) {
        return 0;
    }
    size_t step = channels * depth / 8, row_bytes = width * step;
    if (row_bytes * height != capacity) { return 0; }
    distill_png_data data;
    if (!distill_png_find_data(bytes, count, &data)) { return 0; }
    size_t size = (row_bytes + 1) * height;
    // Deflate never expands a byte to more than 1032.
    if (size / 1032 > data.bytes) { return 0; }
    uint8_t *raw = (uint8_t *)malloc(size);
    if (raw == NULL) { return 0; }
    int good = distill_png_inflate(&data, raw, size)
        && distill_png_unfilter_picture(raw, (uint8_t *)pixels, row_bytes, height, depth == 16, step);
    free(raw);
    return good;
}

#endif
