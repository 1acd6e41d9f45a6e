// Result<T> is a T or the Error that stands in its place. TRY(expression) yields the value or returns
// the error from the enclosing function; it is the only control flow that a reader must learn.
#pragma once

#include <optional>
#include <utility>
#include <variant>

#include "base/check.h"
#include "base/error.h"

namespace dayu {

template <class T>
class [[nodiscard]] Result {
   public:
    Result(T content) : content_(std::in_place_index<0>, std::move(content)) {}
    Result(Error error) : content_(std::in_place_index<1>, std::move(error)) {}

    bool ok() const { return content_.index() == 0; }
    explicit operator bool() const { return ok(); }

    T& value() & { return checked(*this); }
    const T& value() const& { return checked(*this); }
    T&& value() && { return std::move(checked(*this)); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    const Error& error() const {
        CHECK(!ok());
        return *std::get_if<1>(&content_);
    }

   private:
    template <class Self>
    static auto& checked(Self& self) {
        CHECK(self.ok());
        return *std::get_if<0>(&self.content_);
    }

    std::variant<T, Error> content_;
};

// Success without a value.
template <>
class [[nodiscard]] Result<void> {
   public:
    Result() = default;
    Result(Error error) : error_(std::move(error)) {}

    bool ok() const { return !error_.has_value(); }
    explicit operator bool() const { return ok(); }
    void value() const { CHECK(ok()); }
    const Error& error() const {
        CHECK(!ok());
        return *error_;
    }

   private:
    std::optional<Error> error_;
};

}  // namespace dayu

// Each use names its own variable, so that one TRY may stand inside another.
#define TRY(expression) DAYU_TRY_NAMED(expression, __COUNTER__)
#define DAYU_TRY_NAMED(expression, number) DAYU_TRY_BODY(expression, number)
#define DAYU_TRY_BODY(expression, number)                                   \
    __extension__({                                                         \
        auto&& try_##number = (expression);                                 \
        if (!try_##number.ok()) return ::dayu::Error(try_##number.error()); \
        std::forward<decltype(try_##number)>(try_##number).value();         \
    })
