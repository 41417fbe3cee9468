// libjpeg behind functions that never long-jump out of C.
//
// libjpeg reports errors through a handler that must not return; here it long-jumps to a buffer set
// by the same C function, so that a corrupt file is a value and no Swift frame is skipped.
#ifndef DISTILL_CJPEG_SHIM_H
#define DISTILL_CJPEG_SHIM_H

// libjpeg forgets to include these.
#include <stddef.h>
#include <stdio.h>

#include <errno.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <jpeglib.h>
#include <jerror.h>

/// What a read found wrong. `code` is 0 when nothing is.
typedef enum distill_jpeg_code {
    DISTILL_JPEG_OK = 0,
    DISTILL_JPEG_TRUNCATED = 1,
    DISTILL_JPEG_CORRUPT = 2,
    DISTILL_JPEG_TOO_LARGE = 3,
    DISTILL_JPEG_UNSUPPORTED = 4
} distill_jpeg_code;

typedef struct distill_jpeg_error {
    int32_t code;
    char message[JMSG_LENGTH_MAX];
} distill_jpeg_error;

/// What the frame header says.
typedef struct distill_jpeg_header {
    uint32_t width, height;
    uint32_t components;  // 1 gray, 3 YCbCr or RGB, 4 CMYK or YCCK
    uint32_t scaled_width, scaled_height;  // as decoded for the requested minimum
} distill_jpeg_header;

typedef struct distill_jpeg_manager {
    struct jpeg_error_mgr base;  // first, so that libjpeg's pointer is ours
    struct jpeg_progress_mgr progress;
    jmp_buf jump;
    distill_jpeg_error *error;
} distill_jpeg_manager;

static void distill_jpeg_exit(j_common_ptr info) {
    distill_jpeg_manager *manager = (distill_jpeg_manager *)info->err;
    if (manager->error->code == DISTILL_JPEG_OK) { manager->error->code = DISTILL_JPEG_CORRUPT; }
    if (manager->error->message[0] == 0) { info->err->format_message(info, manager->error->message); }
    longjmp(manager->jump, 1);
}

// Warnings that mean lost pixels are errors here: half a picture must not teach anything.
static void distill_jpeg_warn(j_common_ptr info, int level) {
    if (level >= 0) { return; }
    distill_jpeg_manager *manager = (distill_jpeg_manager *)info->err;
    switch (info->err->msg_code) {
    case JWRN_JPEG_EOF:
    case JWRN_HIT_MARKER:
        manager->error->code = DISTILL_JPEG_TRUNCATED;
        distill_jpeg_exit(info);
        return;
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_JFIF_MAJOR:
    case JWRN_ADOBE_XFORM:
        return;
    default:
        distill_jpeg_exit(info);
    }
}

static void distill_jpeg_silent(j_common_ptr info) { (void)info; }

// A progressive file may repeat scans without end and take hours to decode.
static void distill_jpeg_watch_scans(j_common_ptr info) {
    distill_jpeg_manager *manager = (distill_jpeg_manager *)info->err;
    if (info->is_decompressor && ((j_decompress_ptr)info)->input_scan_number > 500) {
        manager->error->code = DISTILL_JPEG_CORRUPT;
        snprintf(manager->error->message, JMSG_LENGTH_MAX, "it has more than 500 scans");
        distill_jpeg_exit(info);
    }
}

static inline __attribute__((unused, noinline)) struct jpeg_error_mgr *distill_jpeg_prepare(
    distill_jpeg_manager *manager, distill_jpeg_error *error
) {
    memset(error, 0, sizeof *error);
    manager->error = error;
    struct jpeg_error_mgr *base = jpeg_std_error(&manager->base);
    base->error_exit = distill_jpeg_exit;
    base->emit_message = distill_jpeg_warn;
    base->output_message = distill_jpeg_silent;
    memset(&manager->progress, 0, sizeof manager->progress);
    manager->progress.progress_monitor = distill_jpeg_watch_scans;
    return base;
}

/// Reads a JPEG that lies in memory: with `pixels` null its header only, else the picture as
/// interleaved RGB bytes, `[scaled_height, scaled_width, 3]`; gray is repeated.
///
/// The picture is decoded at 1/8, 1/4, 1/2 or full size: the smallest whose short side is at least
/// `minimum_short_side` (0: full size). `capacity` is the size of `pixels` in bytes and must fit
/// exactly. Lost data of any kind is an error. Returns 1 on success, else 0 with `error` filled.
static inline __attribute__((unused, noinline)) int distill_jpeg_read(
    const uint8_t *bytes, size_t count, uint64_t maximum_pixels, uint32_t minimum_short_side,
    uint8_t *pixels, size_t capacity, distill_jpeg_header *header, distill_jpeg_error *error
) {
    struct jpeg_decompress_struct info;
    distill_jpeg_manager manager;
    memset(&info, 0, sizeof info);
    memset(header, 0, sizeof *header);
    info.err = distill_jpeg_prepare(&manager, error);
    if (setjmp(manager.jump)) {
        jpeg_destroy_decompress(&info);
        return 0;
    }
    jpeg_create_decompress(&info);
    info.progress = &manager.progress;
    jpeg_mem_src(&info, bytes, (unsigned long)count);
    jpeg_read_header(&info, TRUE);
    header->width = info.image_width;
    header->height = info.image_height;
    header->components = (uint32_t)info.num_components;
    if (info.image_width > 32768 || info.image_height > 32768
        || (uint64_t)info.image_width * info.image_height > maximum_pixels) {
        error->code = DISTILL_JPEG_TOO_LARGE;
        snprintf(
            error->message, JMSG_LENGTH_MAX, "it declares %u x %u pixels, over the limit",
            info.image_width, info.image_height);
        distill_jpeg_exit((j_common_ptr)&info);
    }
    if (info.num_components != 1 && info.num_components != 3) {
        error->code = DISTILL_JPEG_UNSUPPORTED;
        snprintf(
            error->message, JMSG_LENGTH_MAX,
            "it has %d colour components (CMYK?), expected 1 or 3: save it as RGB",
            info.num_components);
        distill_jpeg_exit((j_common_ptr)&info);
    }
    // An 8 x 8 block takes at least 2 bits of entropy-coded data in the baseline process.
    if ((uint64_t)info.image_width * info.image_height / 64 / 8 > count
        && !info.progressive_mode && !info.arith_code) {
        error->code = DISTILL_JPEG_TRUNCATED;
        snprintf(
            error->message, JMSG_LENGTH_MAX, "it declares %u x %u pixels but holds only %zu bytes",
            info.image_width, info.image_height, count);
        distill_jpeg_exit((j_common_ptr)&info);
    }
    uint32_t short_side = info.image_width < info.image_height ? info.image_width : info.image_height;
    info.out_color_space = JCS_RGB;
    info.scale_denom = 8;
    info.scale_num = 8;
    for (unsigned numerator = 1; numerator < 8 && minimum_short_side > 0; numerator *= 2) {
        if (((uint64_t)short_side * numerator + 7) / 8 >= minimum_short_side) {
            info.scale_num = numerator;
            break;
        }
    }
    jpeg_calc_output_dimensions(&info);
    header->scaled_width = info.output_width;
    header->scaled_height = info.output_height;
    if (pixels == NULL) {
        jpeg_destroy_decompress(&info);
        return 1;
    }
    size_t row_bytes = (size_t)info.output_width * 3;
    if (row_bytes * info.output_height != capacity) {
        snprintf(error->message, JMSG_LENGTH_MAX, "its size differs from the size its header had");
        distill_jpeg_exit((j_common_ptr)&info);
    }
    jpeg_start_decompress(&info);
    while (info.output_scanline < info.output_height) {
        JSAMPROW row = pixels + info.output_scanline * row_bytes;
        jpeg_read_scanlines(&info, &row, 1);
    }
    jpeg_finish_decompress(&info);
    jpeg_destroy_decompress(&info);
    return 1;
}

/// Writes interleaved bytes, `[height, width, 3]`, as a baseline JPEG of the given quality (1-100).
/// Returns null on success, else a message that stays valid until this thread's next call.
static inline __attribute__((unused, noinline)) const char *distill_jpeg_write_rgb8(
    const char *path, uint32_t width, uint32_t height, const uint8_t *pixels, int quality
) {
    static _Thread_local distill_jpeg_error error;
    struct jpeg_compress_struct info;
    distill_jpeg_manager manager;
    memset(&info, 0, sizeof info);
    info.err = distill_jpeg_prepare(&manager, &error);
    FILE *file = fopen(path, "wb");
    if (file == NULL) {
        snprintf(error.message, sizeof error.message, "cannot create it: %s", strerror(errno));
        return error.message;
    }
    if (setjmp(manager.jump)) {
        jpeg_destroy_compress(&info);
        fclose(file);
        return error.message;
    }
    jpeg_create_compress(&info);
    jpeg_stdio_dest(&info, file);
    info.image_width = width;
    info.image_height = height;
    info.input_components = 3;
    info.in_color_space = JCS_RGB;
    jpeg_set_defaults(&info);
    jpeg_set_quality(&info, quality, TRUE);
    jpeg_start_compress(&info, TRUE);
    while (info.next_scanline < height) {
        JSAMPROW row = (JSAMPROW)(pixels + (size_t)info.next_scanline * width * 3);
        jpeg_write_scanlines(&info, &row, 1);
    }
    jpeg_finish_compress(&info);
    jpeg_destroy_compress(&info);
    if (fclose(file) != 0) {
        snprintf(error.message, sizeof error.message, "cannot write it: %s", strerror(errno));
        return error.message;
    }
    return NULL;
}

#endif
