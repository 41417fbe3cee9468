// libpng behind functions that never long-jump out of C, and a quicker way for the usual file.
//
// libpng reports errors by longjmp, which must not cross Swift frames. Each function below sets its
// own jump buffer, does one whole task and returns a status, so that a corrupt file is a value.
#ifndef DISTILL_CPNG_SHIM_H
#define DISTILL_CPNG_SHIM_H

#include <errno.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <png.h>

#include "quick.h"

/// What a read found wrong. `code` is 0 when nothing is.
typedef enum distill_png_code {
    DISTILL_PNG_OK = 0,
    DISTILL_PNG_TRUNCATED = 1,
    DISTILL_PNG_CORRUPT = 2,
    DISTILL_PNG_TOO_LARGE = 3,
    DISTILL_PNG_NO_MEMORY = 4
} distill_png_code;

typedef struct distill_png_error {
    int32_t code;
    char message[192];
} distill_png_error;

/// What IHDR says (and whether transparency is declared in tRNS for palettes).
typedef struct distill_png_header {
    uint32_t width, height;
    uint32_t bit_depth;   // 1, 2, 4, 8 or 16 bits a channel (or a palette index)
    uint32_t channels;    // as stored: 1 gray or palette, 2 gray + alpha, 3 RGB, 4 RGBA
    uint32_t palette;     // 1: the single channel indexes a palette
    uint32_t alpha;       // 1: has an alpha channel
    uint32_t interlaced;  // 1: Adam7
} distill_png_header;

/// The layouts a PNG can be read into.
typedef enum distill_png_layout {
    /// Three bytes a pixel; palettes and low bit depths expanded, gray repeated, alpha dropped.
    DISTILL_PNG_RGB8 = 0,
    /// As RGB8 with native-endian 16-bit values; only for files of bit depth 16.
    DISTILL_PNG_RGB16 = 1,
    /// The one channel of a gray file of bit depth 16, native-endian, untouched.
    DISTILL_PNG_GRAY16 = 2,
    /// The one channel of a gray file of bit depth 8 or less, one byte a pixel; values of depths
    /// below 8 are unpacked but not scaled.
    DISTILL_PNG_GRAY8 = 3
} distill_png_layout;

typedef struct distill_png_source {
    const uint8_t *bytes;
    size_t count, position;
    distill_png_error *error;
} distill_png_source;

static void distill_png_fail(png_structp png, png_const_charp message) {
    distill_png_error *error = (distill_png_error *)png_get_error_ptr(png);
    if (error->code == DISTILL_PNG_OK) { error->code = DISTILL_PNG_CORRUPT; }
    if (error->message[0] == 0) {
        snprintf(error->message, sizeof error->message, "%s", message);
    }
    png_longjmp(png, 1);
}

static void distill_png_ignore_warning(png_structp png, png_const_charp message) {
    (void)png;
    (void)message;
}

static void distill_png_pull(png_structp png, png_bytep into, size_t count) {
    distill_png_source *source = (distill_png_source *)png_get_io_ptr(png);
    if (count > source->count - source->position) {
        source->error->code = DISTILL_PNG_TRUNCATED;
        snprintf(
            source->error->message, sizeof source->error->message,
            "the file ends after %zu bytes in the middle of the picture", source->count);
        png_error(png, "truncated");
    }
    memcpy(into, source->bytes + source->position, count);
    source->position += count;
}

static inline __attribute__((unused, noinline)) void distill_png_describe(
    png_structp png, png_infop info, distill_png_header *header
) {
    int type = png_get_color_type(png, info);
    header->width = png_get_image_width(png, info);
    header->height = png_get_image_height(png, info);
    header->bit_depth = png_get_bit_depth(png, info);
    header->channels = png_get_channels(png, info);
    header->palette = (type & PNG_COLOR_MASK_PALETTE) != 0;
    header->alpha = (type & PNG_COLOR_MASK_ALPHA) != 0;
    header->interlaced = png_get_interlace_type(png, info) != PNG_INTERLACE_NONE;
}

/// Reads a PNG that lies in memory: with `pixels` null its header only, else the whole picture.
///
/// `capacity` is the size of `pixels` in bytes and must be width * height * bytes a pixel of the
/// layout. Pictures over `maximum_pixels` or 32768 a side are refused before anything is
/// allocated for them. Every checksum is verified and the end chunk must be there.
/// Returns 1 on success, else 0 with `error` filled.
static inline __attribute__((unused, noinline)) int distill_png_read_with_libpng(
    const uint8_t *bytes, size_t count, uint64_t maximum_pixels, distill_png_layout layout,
    void *pixels, size_t capacity, distill_png_header *header, distill_png_error *error
) {
    memset(error, 0, sizeof *error);
    memset(header, 0, sizeof *header);
    if (count < 8 || png_sig_cmp(bytes, 0, 8) != 0) {
        error->code = DISTILL_PNG_CORRUPT;
        snprintf(error->message, sizeof error->message, "it does not begin with PNG's signature");
        return 0;
    }
    png_structp png = png_create_read_struct(
        PNG_LIBPNG_VER_STRING, error, distill_png_fail, distill_png_ignore_warning);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (info == NULL) {
        png_destroy_read_struct(&png, NULL, NULL);
        error->code = DISTILL_PNG_NO_MEMORY;
        snprintf(error->message, sizeof error->message, "libpng could not be set up");
        return 0;
    }
    distill_png_source source = {bytes, count, 0, error};
    if (setjmp(png_jmpbuf(png))) {
        png_destroy_read_struct(&png, &info, NULL);
        return 0;
    }
    png_set_read_fn(png, &source, distill_png_pull);
    png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
    png_set_user_limits(png, 32768, 32768);
    png_set_chunk_malloc_max(png, 8u << 20);
    png_set_chunk_cache_max(png, 256);
    png_read_info(png, info);
    distill_png_describe(png, info, header);
    uint64_t area = (uint64_t)header->width * header->height;
    if (area > maximum_pixels) {
        error->code = DISTILL_PNG_TOO_LARGE;
        snprintf(
            error->message, sizeof error->message, "it declares %u x %u pixels, over the limit",
            header->width, header->height);
        png_error(png, "too large");
    }
    // Deflate never expands a byte to more than 1032.
    if (area * header->channels * header->bit_depth / 8 > (uint64_t)count * 1032 + 4096) {
        error->code = DISTILL_PNG_TRUNCATED;
        snprintf(
            error->message, sizeof error->message,
            "it declares %u x %u pixels but holds only %zu bytes", header->width, header->height,
            count);
        png_error(png, "truncated");
    }
    if (pixels == NULL) {
        png_destroy_read_struct(&png, &info, NULL);
        return 1;
    }

    const uint16_t little_endian_probe = 1;
    int swap = *(const uint8_t *)&little_endian_probe == 1;
    size_t pixel_bytes = 3;
    int gray = header->channels == 1 && !header->palette;
    switch (layout) {
    case DISTILL_PNG_RGB8:
        png_set_expand(png);
        png_set_scale_16(png);
        png_set_strip_alpha(png);
        png_set_gray_to_rgb(png);
        break;
    case DISTILL_PNG_RGB16:
        if (header->bit_depth != 16) { png_error(png, "expected 16 bits a channel"); }
        png_set_strip_alpha(png);
        png_set_gray_to_rgb(png);
        if (swap) { png_set_swap(png); }
        pixel_bytes = 6;
        break;
    case DISTILL_PNG_GRAY16:
        if (!gray || header->bit_depth != 16) { png_error(png, "expected 16-bit gray"); }
        if (swap) { png_set_swap(png); }
        pixel_bytes = 2;
        break;
    case DISTILL_PNG_GRAY8:
        if (!gray || header->bit_depth > 8) { png_error(png, "expected gray of 8 bits or less"); }
        png_set_packing(png);
        pixel_bytes = 1;
        break;
    }
    int passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);
    size_t row_bytes = (size_t)header->width * pixel_bytes;
    if (png_get_rowbytes(png, info) != row_bytes || row_bytes * header->height != capacity) {
        png_error(png, "its size differs from the size its header had");
    }
    for (int pass = 0; pass < passes; pass++) {
        for (uint32_t row = 0; row < header->height; row++) {
            png_read_row(png, (uint8_t *)pixels + row * row_bytes, NULL);
        }
    }
    png_read_end(png, NULL);
    png_destroy_read_struct(&png, &info, NULL);
    return 1;
}

/// Reads a usual file of exactly the layout's kind. Returns 0 where libpng must look at it.
static inline __attribute__((unused, noinline)) int distill_png_read_layout_quickly(
    const uint8_t *bytes, size_t count, uint64_t maximum_pixels, distill_png_layout layout,
    void *pixels, size_t capacity, distill_png_header *header
) {
    uint32_t depth = layout == DISTILL_PNG_RGB16 || layout == DISTILL_PNG_GRAY16 ? 16 : 8;
    uint32_t channels = layout == DISTILL_PNG_RGB8 || layout == DISTILL_PNG_RGB16 ? 3 : 1;
    if (capacity / (depth / 8 * channels) > maximum_pixels
        || !distill_png_read_quickly(bytes, count, depth, channels, pixels, capacity)) {
        return 0;
    }
    header->width = distill_png_big_endian(bytes + 16);
    header->height = distill_png_big_endian(bytes + 20);
    header->bit_depth = depth;
    header->channels = channels;
    return 1;
}

/// `distill_png_read_with_libpng`, and quicker where the file is the usual one: the same result.
static inline __attribute__((unused)) int distill_png_read(
    const uint8_t *bytes, size_t count, uint64_t maximum_pixels, distill_png_layout layout,
    void *pixels, size_t capacity, distill_png_header *header, distill_png_error *error
) {
    memset(error, 0, sizeof *error);
    memset(header, 0, sizeof *header);
    if (pixels != NULL && distill_png_read_layout_quickly(
            bytes, count, maximum_pixels, layout, pixels, capacity, header)) {
        return 1;
    }
    return distill_png_read_with_libpng(
        bytes, count, maximum_pixels, layout, pixels, capacity, header, error);
}

static inline __attribute__((unused, noinline)) const char *distill_png_write(
    const char *path, uint32_t width, uint32_t height, int bit_depth, int color_type,
    size_t row_bytes, const void *pixels
) {
    static _Thread_local distill_png_error error;
    memset(&error, 0, sizeof error);
    FILE *file = fopen(path, "wb");
    if (file == NULL) {
        snprintf(error.message, sizeof error.message, "cannot create it: %s", strerror(errno));
        return error.message;
    }
    png_structp png = png_create_write_struct(
        PNG_LIBPNG_VER_STRING, &error, distill_png_fail, distill_png_ignore_warning);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (info == NULL) {
        png_destroy_write_struct(&png, NULL);
        fclose(file);
        return "libpng could not be set up";
    }
    if (setjmp(png_jmpbuf(png))) {
        png_destroy_write_struct(&png, &info);
        fclose(file);
        return error.message;
    }
    png_init_io(png, file);
    png_set_IHDR(
        png, info, width, height, bit_depth, color_type, PNG_INTERLACE_NONE,
        PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    const uint16_t little_endian_probe = 1;
    if (bit_depth == 16 && *(const uint8_t *)&little_endian_probe == 1) { png_set_swap(png); }
    for (uint32_t row = 0; row < height; row++) {
        png_write_row(png, (const uint8_t *)pixels + row * row_bytes);
    }
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    if (fclose(file) != 0) {
        snprintf(error.message, sizeof error.message, "cannot write it: %s", strerror(errno));
        return error.message;
    }
    return NULL;
}

/// Writes one channel of native-endian 16-bit values, `[height, width]`, as a gray PNG.
/// Returns null on success, else a message that stays valid until this thread's next call.
static inline __attribute__((unused)) const char *distill_png_write_gray16(
    const char *path, uint32_t width, uint32_t height, const uint16_t *pixels
) {
    return distill_png_write(
        path, width, height, 16, PNG_COLOR_TYPE_GRAY, (size_t)width * 2, pixels);
}

/// Writes one channel of bytes, `[height, width]`, as a gray PNG. Returns as `write_gray16` does.
static inline __attribute__((unused)) const char *distill_png_write_gray8(
    const char *path, uint32_t width, uint32_t height, const uint8_t *pixels
) {
    return distill_png_write(path, width, height, 8, PNG_COLOR_TYPE_GRAY, width, pixels);
}

/// Writes interleaved bytes, `[height, width, 3]`, as an RGB PNG. Returns as `write_gray16` does.
static inline __attribute__((unused)) const char *distill_png_write_rgb8(
    const char *path, uint32_t width, uint32_t height, const uint8_t *pixels
) {
    return distill_png_write(
        path, width, height, 8, PNG_COLOR_TYPE_RGB, (size_t)width * 3, pixels);
}

#endif
