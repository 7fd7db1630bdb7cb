// SPDX-License-Identifier: Apache-2.0
// A peer that speaks TLS under a certificate made on the spot, for 127.0.0.1 and signed by itself.
#pragma once

#include <doctest/doctest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "hostile_server.hpp"

namespace dnsmesh::net::test {

template <auto release>
struct SslDeleter {
  template <class Handle>
  void operator()(Handle* handle) const {
    release(handle);
  }
};

/// A key and its certificate, also as files in a folder of the test; removed with the object.
class Certificate {
 public:
  explicit Certificate(const std::string& name) {
    key.reset(EVP_EC_gen("P-256"));
    x509.reset(X509_new());
    X509_set_version(x509.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x509.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x509.get()), 3600);
    X509_set_pubkey(x509.get(), key.get());
    X509_NAME* subject = X509_get_subject_name(x509.get());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name.c_str()), -1,
                               -1, 0);
    X509_set_issuer_name(x509.get(), subject);
    add(NID_subject_alt_name, "IP:127.0.0.1");
    add(NID_basic_constraints, "critical,CA:TRUE");
    X509_sign(x509.get(), key.get(), EVP_sha256());
    std::string folder = (std::filesystem::temp_directory_path() / "dnsmesh-tls-XXXXXX").string();
    REQUIRE(::mkdtemp(folder.data()) != nullptr);
    folder_ = folder;
    write(certificate_file(), [this](std::FILE* file) { PEM_write_X509(file, x509.get()); });
    write(key_file(),
          [this](std::FILE* file) { PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
  }
  ~Certificate() { std::filesystem::remove_all(folder_); }
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;

  std::string certificate_file() const { return folder_ / "certificate.pem"; }
  std::string key_file() const { return folder_ / "key.pem"; }

  std::unique_ptr<EVP_PKEY, SslDeleter<EVP_PKEY_free>> key;
  std::unique_ptr<X509, SslDeleter<X509_free>> x509;

 private:
  void add(int nid, const char* value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value);
    X509_add_ext(x509.get(), extension, -1);
    X509_EXTENSION_free(extension);
  }
  template <class Write>
  static void write(const std::string& path, Write&& fill) {
    std::FILE* file = std::fopen(path.c_str(), "w");
    REQUIRE(file != nullptr);
    fill(file);
    std::fclose(file);
  }

  std::filesystem::path folder_;
};

/// Answers each connection with 200 and `body`; `client_ca`, when given, is what a client has to show a certificate of.
class TlsPeer {
 public:
  explicit TlsPeer(const Certificate& certificate, std::string body, const Certificate* client_ca = nullptr,
                   int version_max = TLS1_3_VERSION)
      : context_(SSL_CTX_new(TLS_server_method())),
        server_([this, body = std::move(body)](HostileConnection& connection) { serve(connection, body); }) {
    SSL_CTX_use_certificate(context_.get(), certificate.x509.get());
    SSL_CTX_use_PrivateKey(context_.get(), certificate.key.get());
    SSL_CTX_set_security_level(context_.get(), 0);
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context_.get(), version_max);
    if (client_ca == nullptr) return;
    SSL_CTX_load_verify_file(context_.get(), client_ca->certificate_file().c_str());
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }

  std::string endpoint() const { return server_.endpoint("https"); }
  int requests() const { return requests_; }

 private:
  void serve(HostileConnection& connection, const std::string& body) {
    const std::unique_ptr<SSL, SslDeleter<SSL_free>> ssl(SSL_new(context_.get()));
    SSL_set_fd(ssl.get(), connection.fd());
    if (SSL_accept(ssl.get()) != 1) return;
    std::string head;
    while (!head.contains("\r\n\r\n")) {
      char chunk[4096];
      const int size = SSL_read(ssl.get(), chunk, sizeof chunk);
      if (size <= 0) return;
      head.append(chunk, static_cast<std::size_t>(size));
    }
    ++requests_;
    const std::string answer =
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    SSL_write(ssl.get(), answer.data(), static_cast<int>(answer.size()));
    SSL_shutdown(ssl.get());
  }

  std::unique_ptr<SSL_CTX, SslDeleter<SSL_CTX_free>> context_;
  std::atomic<int> requests_{0};
  HostileServer server_;
};

}  // namespace dnsmesh::net::test
