# distilld: everything a person or a machine does with the sources.
#
#   make demo      build, train a teacher, distil a student, print the table   (two cores: 5 minutes)
#   make test      every test
#   make fuzz      damaged model files under the address sanitizer   (MUTATIONS of each kind)
#   make bench     speed against PyTorch, as ratios
#   make methods   every method of distillation against its control; writes Benchmarks/methods.md
#   make recipe    noise, views, crops, averages, rates: what makes the best student; writes Benchmarks/recipe.md
#   make parity    the same training here and in PyTorch; writes Benchmarks/parity.md
#   make precision bfloat16 against float32 over many seeds; writes Benchmarks/precision.md
#   make install   put everything in place          (PREFIX, DESTDIR)
#   make deb       a Debian package
#   make format    format the sources; `make lint` only checks
#   make clean     remove what was built

PREFIX ?= /usr/local
DESTDIR ?=
CONFIGURATION ?= release
SWIFT ?= swift

# What is needed beside Swift 6.3, by Debian's names.
PACKAGES = libdnnl-dev libopenblas-openmp-dev libjpeg-dev libpng-dev libdeflate-dev libsqlite3-dev libssl-dev pkg-config
# Where SwiftPM puts products; a link that every build renews.
BUILD = .build/$(CONFIGURATION)

.PHONY: all build packages plugins demo test fuzz bench methods recipe parity precision install uninstall deb format lint clean completions

all: build

packages:
	@Packaging/install-packages $(PACKAGES)

build: packages
	$(SWIFT) build -c $(CONFIGURATION)
	@$(MAKE) --no-print-directory plugins

# Plugins as they lie when installed: a folder each, with the manifest beside the library.
plugins:
	@set -e; for name in rgb depth; do \
	    folder=$(BUILD)/plugins/$$name; mkdir -p $$folder; \
	    source=$$(echo $$name | sed 's/rgb/RGB/; s/depth/Depth/'); \
	    cp -f Plugins/$$source/plugin.toml $$folder/; \
	    cp -f $(BUILD)/libdistill-modality-$$name.so $$folder/.new && mv -f $$folder/.new $$folder/libdistill-modality-$$name.so; \
	    chmod go-w $$folder $$folder/*; \
	done

demo: build
	$(BUILD)/distillctl demo --folder .distill --datasets datasets

# The same configuration as the demo's, so that what is built once serves both. What depends on the processor is
# tested as each slower class of it first.
TEST = $(SWIFT) test -c $(CONFIGURATION) --skip-build --disable-testable-imports --parallel

test: packages lint
	$(SWIFT) build -c $(CONFIGURATION) --build-tests
	@$(MAKE) --no-print-directory plugins
	Packaging/test-slower-processors $(TEST)
	$(TEST)

# A build of its own with the sanitizer; one allocation of more than a gibibyte ends it.
MUTATIONS ?= 4000
FUZZ = DISTILLD_ROOMS=Interchange $(SWIFT)
FUZZ_OPTIONS = -c release --sanitize=address --scratch-path .build/fuzz \
    $(if $(wildcard Package.resolved),--only-use-versions-from-resolved-file)

fuzz: packages
	$(FUZZ) build $(FUZZ_OPTIONS) --build-tests
	ASAN_OPTIONS=max_allocation_size_mb=1024:hard_rss_limit_mb=6144:detect_leaks=0 \
	    DISTILL_MUTATIONS=$(MUTATIONS) $(FUZZ) test $(FUZZ_OPTIONS) --skip-build --disable-testable-imports \
	    --filter InterchangeTests.MutationTests

bench: build
	Benchmarks/run

# Every method against its control; takes up again where it was ended.
methods: build
	Benchmarks/methods

# Settings of [training] against one another; likewise.
recipe: build
	Benchmarks/recipe

parity: build
	Benchmarks/parity

# Training in both precisions; likewise.
precision: build
	Benchmarks/precision

install: build
	Packaging/install "$(BUILD)" "$(DESTDIR)" "$(PREFIX)"

uninstall:
	Packaging/install --remove "$(DESTDIR)" "$(PREFIX)"

deb: build
	Packaging/deb "$(BUILD)"

format:
	$(SWIFT) format -i $$(Packaging/lint-files)

lint:
	@$(SWIFT) format lint --strict $$(Packaging/lint-files)

clean:
	rm -rf .build .distill
