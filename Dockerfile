# syntax=docker/dockerfile:1

FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
# Empty for production. `sandbox` adds the organization in a box, for trying keywatch without AWS.
ARG FEATURES=""
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --no-default-features --features "${FEATURES}" \
    && cp target/release/keywatch /usr/local/bin/keywatch \
    && mkdir /data

# glibc, CA certificates and nothing else: no shell, no package manager.
FROM gcr.io/distroless/cc-debian12:nonroot
ARG VERSION="0.1.0"
ARG REVISION="unknown"
LABEL org.opencontainers.image.title="keywatch" \
      org.opencontainers.image.description="Finds the AWS DMS data of a whole organization that is encrypted with a key AWS manages" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /usr/local/bin/keywatch /usr/local/bin/keywatch
COPY --from=build --chown=65532:65532 /data /data
# The history is the only thing that is written; the root file system may be read-only.
ENV KEYWATCH_DB=/data/keywatch.db
WORKDIR /data
VOLUME /data
# By number, so that Kubernetes can tell that it is not root.
USER 65532:65532
# No daemon serves yet, so there is no endpoint to ask: the binary must start.
HEALTHCHECK --interval=1m --timeout=5s CMD ["/usr/local/bin/keywatch", "--version"]
ENTRYPOINT ["/usr/local/bin/keywatch"]
CMD ["scan"]
