#pragma once
// Where one statement of a script ends: at its mark (";" or what DELIMITER says), unless that
// stands inside parentheses or in the body of a trigger, a procedure or a function. Private to db/.

#include "sluice/db/tokens.h"

#include <string>
#include <string_view>
#include <vector>

namespace sluice {

class StatementEnd {
public:
    explicit StatementEnd(Engine engine) : engine_(engine) {}

    [[nodiscard]] const std::string& mark() const { return mark_; }

    void set_mark(std::string mark);

    /// Looks at the token `at` of a statement that began with the token `first`: the place of the
    /// mark in `text` where it ends the statement, else npos. To be asked for each token in order.
    [[nodiscard]] std::size_t mark_in(std::string_view text, const std::vector<Token>& tokens,
                                      std::size_t at, std::size_t first);

private:
    void step(const std::vector<Token>& tokens, std::size_t at);
    void step_into(const std::vector<Token>& tokens, std::size_t at);
    [[nodiscard]] bool opens_block(const std::vector<Token>& tokens, std::size_t at) const;
    [[nodiscard]] std::size_t own_mark(std::string_view text, const Token& token) const;

    Engine engine_;
    std::string mark_ = ";";
    std::size_t first_ = 0;
    bool has_body_ = false; ///< the statement may hold statements
    bool is_new_ = true;
    int blocks_ = 0;
    int parentheses_ = 0;
};

} // namespace sluice
