/// The contract between distilld and a modality plugin: plain C, version 1.0.
///
/// A plugin is a shared library that knows one modality (RGB, depth, thermal, ...): how to read its
/// files, how to cut a view, how to add its sensor's noise and how to encode it for a network. It
/// lies in a folder of its own beside a manifest, `plugin.toml`, and exports one function:
///
///     const distill_plugin *distill_plugin_entry_NAME(void);
///
/// NAME is the library's file name without a leading `lib`, then without a leading
/// `distill-modality-`, up to the first dot, every other character than [A-Za-z0-9] as `_`:
/// `libdistill-modality-optical-flow.so` exports `distill_plugin_entry_optical_flow`. If that
/// symbol is missing the host tries plain `distill_plugin_entry`.
///
/// Rules
/// - The host checks `magic`, an equal major version and a minor version not above its own, copies
///   min(struct_size, its own size) bytes of the table and treats what is beyond as absent.
/// - No memory is freed across the boundary. The host allocates every tensor and every struct; the
///   plugin writes into them. Sizes are asked for by a first call without a buffer.
/// - Who owns what never depends on whether a call succeeded.
/// - Strings are UTF-8 and end with NUL. Those in the plugin's tables live as long as the process;
///   those passed as arguments live as long as the call.
/// - Functions return 0 on success; else they fill `status` and return another value. They never
///   exit, abort, long-jump or throw into the host, and write nothing to stdout.
/// - Thread tags: [once] is called once, before all others, by the thread that loads the plugin;
///   [any-thread] may be called by several threads at the same time.
/// - Tensors are float32, contiguous, planar: [channels, height, width].
#ifndef DISTILL_PLUGIN_H
#define DISTILL_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// "DSTL" read as a little-endian number: the first word of every plugin's table.
#define DISTILL_PLUGIN_MAGIC 0x4C545344u
#define DISTILL_ABI_MAJOR 1
#define DISTILL_ABI_MINOR 0

// MARK: Status

/// Why a call failed. The plugin fills it, the host gave it zeroed.
typedef struct distill_status {
    /// A stable dotted code, such as `file.truncated` or `depth.eight_bit`.
    char code[64];
    /// One sentence for the user: what was found, what was expected, what to do.
    char message[448];
} distill_status;

// MARK: Host

typedef enum distill_log_level {
    DISTILL_LOG_DEBUG = 0,
    DISTILL_LOG_INFO = 1,
    DISTILL_LOG_WARNING = 2,
    DISTILL_LOG_ERROR = 3
} distill_log_level;

/// What the host offers to a plugin; it lives as long as the process.
typedef struct distill_host {
    uint32_t struct_size;
    uint16_t abi_major, abi_minor;
    void *context;
    /// [any-thread] Writes one line to the host's log.
    void (*log)(void *context, int32_t level, const char *message);
} distill_host;

// MARK: Options

typedef enum distill_option_kind {
    DISTILL_OPTION_STRING = 0,
    DISTILL_OPTION_NUMBER = 1,
    DISTILL_OPTION_BOOLEAN = 2
} distill_option_kind;

/// One key of the modality's section in dataset.toml, or one parameter of an encoding.
typedef struct distill_option {
    const char *name;
    int32_t kind;        // distill_option_kind
    int32_t boolean;     // 0 or 1, where kind is BOOLEAN
    double number;       // where kind is NUMBER
    const char *string;  // where kind is STRING, else null
} distill_option;

/// Options by name, in the order of their names. A key that the plugin does not know is an error
/// that names the known ones.
typedef struct distill_options {
    const distill_option *items;
    size_t count;
} distill_options;

// MARK: Samples

typedef struct distill_shape {
    uint32_t channels, height, width;
} distill_shape;

typedef enum distill_inspection {
    /// Read the header and what is needed to see that the file is complete.
    DISTILL_INSPECT_HEADER = 0,
    /// Also decode the picture and look for signs that the options describe it wrongly.
    DISTILL_INSPECT_CONTENT = 1
} distill_inspection;

/// What a file says about itself. The host sets `struct_size` and zeroes the rest.
typedef struct distill_header {
    uint32_t struct_size;
    uint32_t width, height;
    uint32_t channels;     // as stored
    uint32_t bit_depth;    // bits a stored channel
    char format[16];       // `jpeg`, `png`, `pgm`, `npy`, ...
    char warnings[1024];   // lines separated by '\n', each one sentence for the user
} distill_header;

/// A rectangle in units of the image's width and height, [0, 1] from its left upper corner.
typedef struct distill_view_geometry {
    double x, y, width, height;
    int32_t flip;  // 1: mirrored left to right after the cut
} distill_view_geometry;

// MARK: The table

/// What a plugin offers. It is constant and lives as long as the process.
typedef struct distill_plugin {
    uint32_t magic;  // DISTILL_PLUGIN_MAGIC
    uint16_t abi_major, abi_minor;
    uint32_t struct_size;

    /// Channels of a decoded sample, for instance 3 for RGB and 1 for depth.
    uint32_t channels;
    /// Reverse domain or plain name, equal to the manifest's `id`.
    const char *id;
    /// The plugin's version, equal to the manifest's.
    const char *version;
    /// What datasets, recipes and ONNX inputs call it: `rgb`, `depth`.
    const char *modality;
    /// The physical unit of decoded values: `reflectance`, `metres`.
    const char *unit;
    /// These two are part of cache keys: change them whenever the output of `decode` or `view`
    /// changes in any bit.
    const char *decoder_version;
    const char *view_version;

    /// [once] Takes the host's table. May be null.
    int32_t (*initialize)(const distill_host *host, distill_status *status);

    /// [any-thread] Looks at a file without decoding it (`level` is a distill_inspection).
    int32_t (*inspect)(
        const char *path, const distill_options *options, int32_t level, distill_header *header,
        distill_status *status);

    /// [any-thread] Reads a file as a physical tensor (RGB 0...1; depth metres, 0 = invalid).
    ///
    /// With `values` null only `shape` is filled, from the file's header. Else `capacity` (floats)
    /// must equal the shape's size and the picture is decoded in full; one that is not complete is
    /// an error. A plugin may return a smaller picture than the file's as long as its short side
    /// is at least `minimum_short_side`; 0 asks for full size. Both calls give the same shape.
    int32_t (*decode)(
        const char *path, const distill_options *options, uint32_t minimum_short_side,
        distill_shape *shape, float *values, size_t capacity, distill_status *status);

    /// [any-thread] Cuts `geometry` out of a decoded sample, resizes it to `output_shape` (same
    /// channels) and mirrors it if asked. A pure function of its arguments; every value of
    /// `output` is written.
    int32_t (*view)(
        const float *source, distill_shape source_shape, const distill_view_geometry *geometry,
        float *output, distill_shape output_shape, distill_status *status);

    /// [any-thread] Adds the sensor's usual noise in place: a pure function of (values, seed, index). A host that
    /// knows the extension for noise uses that one where the plugin has it.
    int32_t (*augment)(
        float *values, distill_shape shape, uint64_t seed, uint64_t index, distill_status *status);

    /// [any-thread] The extension's table, or null if there is none of that name.
    const void *(*get_extension)(const char *id);
} distill_plugin;

typedef const distill_plugin *(*distill_plugin_entry_function)(void);

// MARK: Extension: encodings

/// How physical values become a network's input, as graph nodes: training, evaluation and the
/// exported ONNX file then share one definition.
#define DISTILL_EXTENSION_ENCODING "distill.encoding/1"

/// A node of the host's graph; its meaning is the host's.
typedef int64_t distill_node;

/// A number (`count` 1) or a list of numbers.
typedef struct distill_attribute {
    const char *name;
    const double *values;
    size_t count;
} distill_attribute;

/// The host's side of building a graph. Tensors are [batch, channels, height, width].
///
/// Operations:
/// - two inputs, broadcast as numpy does: Add Subtract Multiply Divide Maximum Minimum Greater
///   (1 where the first is greater, else 0)
/// - one input: Negate Exp Log Sqrt Reciprocal Abs Square Step (1 where x > 0, else 0)
/// - Affine(scale, offset): scale * x + offset. Clip(minimum, maximum)
/// - Convolution(stride, padding) of an input and a constant [out, in, height, width]; zero padding
/// - Concatenate(axis); Slice(axis, start, length)
typedef struct distill_graph_builder {
    uint32_t struct_size;
    void *context;
    int32_t (*operation)(
        void *context, const char *name, const distill_node *inputs, size_t input_count,
        const distill_attribute *attributes, size_t attribute_count, distill_node *output,
        distill_status *status);
    /// A constant of `rank` dimensions; the values are copied.
    int32_t (*constant)(
        void *context, const float *values, const size_t *shape, size_t rank,
        distill_node *output, distill_status *status);
} distill_graph_builder;

typedef struct distill_encoding {
    const char *name;
    const char *version;  // part of a model's metadata: change it with the meaning of the channels
    const char *summary;  // one sentence
    uint32_t channels;    // of the encoded tensor
    int32_t is_default;   // 1 for exactly one encoding
} distill_encoding;

typedef struct distill_encoding_extension {
    uint32_t struct_size;
    uint32_t count;
    const distill_encoding *encodings;
    /// [any-thread, one builder per thread] Adds the encoding's nodes and names the last one.
    ///
    /// `parameters` hold `height` and `width` of the input in pixels and whatever else the
    /// encoding takes: where `intrinsics` of plugin.toml names it and dataset.toml has an
    /// [intrinsics], `focal` and `focal_y`, the focal length in widths and in heights of the input.
    /// If a callback fails the plugin returns that value at once.
    int32_t (*build)(
        const char *name, const distill_options *parameters, const distill_graph_builder *builder,
        distill_node input, distill_node *output, distill_status *status);
} distill_encoding_extension;

// MARK: Extension: noise

/// The sensor's noise with settings, which recipes give in `[training.noise]`.
#define DISTILL_EXTENSION_NOISE "distill.noise/1"

/// A number that says how much of one kind of noise there is.
typedef struct distill_noise_setting {
    const char *name;
    const char *summary;  // one sentence
    double usual;         // what a recipe means that says only `noise = true`
    double minimum, maximum;
} distill_noise_setting;

typedef struct distill_noise_extension {
    uint32_t struct_size;
    uint32_t count;
    const distill_noise_setting *settings;
    /// [any-thread] Adds noise in place: a pure function of its arguments.
    ///
    /// `sensor_pixels` is how many of the file's pixels lie along a side of one of `shape`: above 1 where the
    /// view was made smaller than what the sensor saw. `settings` holds `count` numbers in the table's order.
    int32_t (*apply)(
        float *values, distill_shape shape, double sensor_pixels, const double *settings,
        uint64_t seed, uint64_t index, distill_status *status);
} distill_noise_extension;

// MARK: Extension: surveys

/// What files of one data set, looked at together, say about the options that describe them.
#define DISTILL_EXTENSION_SURVEY "distill.survey/1"

/// A number that tells what the files hold: the share of valid pixels, a median.
typedef struct distill_figure {
    char name[32];
    char unit[16];  // `metres`, `share`; empty where there is none
    double value;
} distill_figure;

/// Something that seems wrong.
typedef struct distill_finding {
    char code[64];      // stable, dotted: `depth.median`
    char message[448];  // one sentence: what was found, what was expected
    char hint[320];     // what to do
} distill_finding;

/// Written by the plugin. The host sets `struct_size` and zeroes the rest.
typedef struct distill_survey {
    uint32_t struct_size;
    uint32_t figure_count, finding_count;
    distill_figure figures[16];
    distill_finding findings[16];
} distill_survey;

typedef struct distill_survey_extension {
    uint32_t struct_size;
    /// [any-thread] Decodes `count` files, 1 to 256, which are a spread sample of a data set; those that cannot be
    /// read are passed over. An error only where none can, or the options are wrong.
    int32_t (*survey)(
        const char *const *paths, size_t count, const distill_options *options, distill_survey *survey,
        distill_status *status);
} distill_survey_extension;

#ifdef __cplusplus
}
#endif

#endif
