// SPDX-License-Identifier: Apache-2.0
#include "net/http_mailbox.hpp"

#include <sys/eventfd.h>

#include <utility>

#include "http/responses.hpp"

namespace dnsmesh::net {
namespace {

/// The duty to answer one request; it moves, and whoever holds it last fulfils it.
class Duty {
 public:
  Duty(std::shared_ptr<HttpMailbox> mailbox, ConnectionId connection)
      : mailbox_(std::move(mailbox)), connection_(connection) {}
  Duty(Duty&&) noexcept = default;
  Duty& operator=(Duty&&) = delete;
  ~Duty() { fulfil(http::json_error(503, "server busy")); }

  void operator()(http::Response response) { fulfil(std::move(response)); }

 private:
  void fulfil(http::Response response) {
    if (const auto mailbox = std::exchange(mailbox_, nullptr)) mailbox->post({connection_, std::move(response)});
  }

  std::shared_ptr<HttpMailbox> mailbox_;
  ConnectionId connection_;
};

}  // namespace

Result<std::shared_ptr<HttpMailbox>> HttpMailbox::create() {
  Descriptor event(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!event.is_open()) return fail(ErrorCode::net_io, "no descriptor left for the HTTP server's wake-up");
  return std::make_shared<HttpMailbox>(std::move(event));
}

void HttpMailbox::post(Answer answer) {
  const bool first = answers_.with([&](std::vector<Answer>& answers) {
    answers.push_back(std::move(answer));
    return answers.size() == 1;
  });
  if (first) wake();
}

void HttpMailbox::wake() { ::eventfd_write(event_.get(), 1); }

std::vector<Answer> HttpMailbox::take() {
  eventfd_t ignored = 0;
  ::eventfd_read(event_.get(), &ignored);  // before the answers, so that a later one wakes again
  return answers_.with([](std::vector<Answer>& answers) { return std::exchange(answers, {}); });
}

http::Responder make_responder(std::shared_ptr<HttpMailbox> mailbox, ConnectionId connection) {
  return Duty(std::move(mailbox), connection);
}

}  // namespace dnsmesh::net
