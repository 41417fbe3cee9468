// A whole modality in plain C: text files "TNY WIDTH HEIGHT" followed by numbers.
#include "TinyModality.h"

#include <stdio.h>
#include <string.h>

#define MAXIMUM_SIDE 256

static const distill_host *host;

static int32_t fail(distill_status *status, const char *code, const char *message) {
    snprintf(status->code, sizeof status->code, "%s", code);
    snprintf(status->message, sizeof status->message, "%s", message);
    return 1;
}

static int32_t check_options(const distill_options *options, distill_status *status) {
    for (size_t i = 0; i < options->count; i++) {
        if (strcmp(options->items[i].name, "gain") != 0
            || options->items[i].kind != DISTILL_OPTION_NUMBER) {
            return fail(status, "option.unknown", "the only option is the number `gain`");
        }
    }
    return 0;
}

static FILE *open_file(
    const char *path, uint32_t *width, uint32_t *height, distill_status *status
) {
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        fail(status, "file.unreadable", "it cannot be opened");
        return NULL;
    }
    if (fscanf(file, "TNY %u %u", width, height) != 2 || *width < 1 || *height < 1
        || *width > MAXIMUM_SIDE || *height > MAXIMUM_SIDE) {
        fclose(file);
        fail(status, "file.corrupt", "expected `TNY WIDTH HEIGHT` with sides of 1 to 256");
        return NULL;
    }
    return file;
}

static int32_t initialize(const distill_host *table, distill_status *status) {
    if (table == NULL || table->log == NULL) {
        return fail(status, "plugin.host", "the host has no log");
    }
    host = table;
    host->log(host->context, DISTILL_LOG_INFO, "tiny is ready");
    return 0;
}

static int32_t inspect(
    const char *path, const distill_options *options, int32_t level, distill_header *header,
    distill_status *status
) {
    (void)level;
    if (check_options(options, status) != 0) { return 1; }
    FILE *file = open_file(path, &header->width, &header->height, status);
    if (file == NULL) { return 1; }
    fclose(file);
    header->channels = 1;
    header->bit_depth = 32;
    snprintf(header->format, sizeof header->format, "tiny");
    return 0;
}

static int32_t decode(
    const char *path, const distill_options *options, uint32_t minimum_short_side,
    distill_shape *shape, float *values, size_t capacity, distill_status *status
) {
    (void)minimum_short_side;
    if (check_options(options, status) != 0) { return 1; }
    uint32_t width, height;
    FILE *file = open_file(path, &width, &height, status);
    if (file == NULL) { return 1; }
    *shape = (distill_shape){1, height, width};
    size_t count = (size_t)width * height;
    if (values == NULL) {
        fclose(file);
        return 0;
    }
    if (capacity != count) {
        fclose(file);
        return fail(status, "file.changed", "the file changed its size");
    }
    float gain = options->count > 0 ? (float)options->items[0].number : 1;
    for (size_t i = 0; i < count; i++) {
        float value;
        if (fscanf(file, "%f", &value) != 1) {
            fclose(file);
            return fail(status, "file.truncated", "it has fewer numbers than its header says");
        }
        values[i] = gain * value;
    }
    fclose(file);
    return 0;
}

// Nearest neighbour.
static int32_t view(
    const float *source, distill_shape from, const distill_view_geometry *geometry, float *output,
    distill_shape to, distill_status *status
) {
    if (!(geometry->width > 0 && geometry->height > 0)) {
        return fail(status, "view.geometry", "the view is empty");
    }
    for (uint32_t row = 0; row < to.height; row++) {
        for (uint32_t column = 0; column < to.width; column++) {
            double y = (geometry->y + geometry->height * (row + 0.5) / to.height) * from.height;
            double x = (geometry->x + geometry->width * (column + 0.5) / to.width) * from.width;
            uint32_t source_row = y < from.height ? (uint32_t)y : from.height - 1;
            uint32_t source_column = x < from.width ? (uint32_t)x : from.width - 1;
            uint32_t target = geometry->flip ? to.width - 1 - column : column;
            output[row * to.width + target] = source[source_row * from.width + source_column];
        }
    }
    return 0;
}

static int32_t build(
    const char *name, const distill_options *parameters, const distill_graph_builder *builder,
    distill_node input, distill_node *output, distill_status *status
) {
    (void)name;
    (void)parameters;
    const double scale = 2, offset = -1;
    const distill_attribute attributes[2] = {{"scale", &scale, 1}, {"offset", &offset, 1}};
    return builder->operation(
        builder->context, "Affine", &input, 1, attributes, 2, output, status);
}

static const distill_encoding encodings[1] = {{"signed", "1", "2 x - 1", 1, 1}};
static const distill_encoding_extension encoding_extension = {
    sizeof(distill_encoding_extension), 1, encodings, build};

static const void *get_extension(const char *id) {
    return strcmp(id, DISTILL_EXTENSION_ENCODING) == 0 ? &encoding_extension : NULL;
}

static const distill_plugin plugin = {
    .magic = DISTILL_PLUGIN_MAGIC,
    .abi_major = DISTILL_ABI_MAJOR,
    .abi_minor = DISTILL_ABI_MINOR,
    .struct_size = sizeof(distill_plugin),
    .channels = 1,
    .id = "test.tiny",
    .version = "0.1.0",
    .modality = "tiny",
    .unit = "gray",
    .decoder_version = "tiny-1",
    .view_version = "tiny-1",
    .initialize = initialize,
    .inspect = inspect,
    .decode = decode,
    .view = view,
    .augment = NULL,
    .get_extension = get_extension,
};

const distill_plugin *distill_plugin_entry_tiny(void) { return &plugin; }
