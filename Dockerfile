# syntax=docker/dockerfile:1
#
#     docker build -t keywatch \
#         --build-arg REVISION="$(git rev-parse HEAD)" --build-arg REVISION_DATE="$(git log -1 --format=%cs)" .
#
# For builds that are the same next month, give both images with their digest (`docker buildx imagetools inspect` tells
# it): --build-arg RUST=rust:1.95-bookworm@sha256:… --build-arg BASE=gcr.io/distroless/cc-debian12:nonroot@sha256:…
# They carry no digest here, because none could be looked up where this was written.
ARG RUST=rust:1.95-bookworm
ARG BASE=gcr.io/distroless/cc-debian12:nonroot

FROM ${RUST} AS build
WORKDIR /src
COPY . .
# Empty for production. `sandbox` adds the organization in a box, for trying keywatch without AWS; `otlp` traces.
ARG FEATURES=""
# What `keywatch --version` tells; the repository itself is not copied.
ARG REVISION=""
ARG REVISION_DATE=""
# Without the names of functions it is a fifth smaller; a panic still says its file and line. The archive of a release
# has them.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    KEYWATCH_COMMIT="${REVISION}" KEYWATCH_COMMIT_DATE="${REVISION_DATE}" \
    cargo build --release --locked --no-default-features --features "${FEATURES}" \
    && strip -o /usr/local/bin/keywatch target/release/keywatch \
    && mkdir /data

# glibc, libgcc, CA certificates, time zones and nothing else: no shell, no package manager.
FROM ${BASE}
ARG VERSION="0.1.0"
ARG REVISION=""
LABEL org.opencontainers.image.title="keywatch" \
      org.opencontainers.image.description="Finds the AWS DMS data of a whole organization that is encrypted with a key AWS manages" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /usr/local/bin/keywatch /usr/local/bin/keywatch
COPY --from=build --chown=65532:65532 /data /data
# The history is the only thing that is written; the root file system may be read-only.
ENV KEYWATCH_DB=/data/keywatch.db TZ=UTC
WORKDIR /data
VOLUME /data
# By number, so that Kubernetes can tell that it is not root.
USER 65532:65532
# Asks the daemon at server.listen; a command that ends, such as a scan, is never asked in time.
HEALTHCHECK --interval=30s --timeout=5s --start-period=2m --retries=3 CMD ["/usr/local/bin/keywatch", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/keywatch"]
CMD ["--log-format", "json", "daemon"]
