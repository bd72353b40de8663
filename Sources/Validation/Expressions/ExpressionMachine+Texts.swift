import Catalog
import Records

/// Kernels over texts.
extension ExpressionMachine {
  func compare(
    _ left: Program.TextOperand, _ sign: Program.Comparison, _ right: Program.TextOperand,
    _ slot: Int, _ scratch: inout ExpressionScratch
  ) {
    switch sign {
    case .equal: testPairs(left, right, slot, &scratch) { TextKernels.isEqual($0, $1, $2, $3) }
    case .notEqual: testPairs(left, right, slot, &scratch) { !TextKernels.isEqual($0, $1, $2, $3) }
    default:
      testPairs(left, right, slot, &scratch) { sign.holds(TextKernels.order($0, $1, $2, $3)) }
    }
  }

  /// Tests every pair of present texts.
  @inline(__always)
  func testPairs(
    _ left: Program.TextOperand, _ right: Program.TextOperand, _ slot: Int,
    _ scratch: inout ExpressionScratch,
    _ body: (TextRef, Span<UInt8>, TextRef, Span<UInt8>) -> Bool
  ) {
    let (a, b) = (text(left, scratch), text(right, scratch))
    writeTruths(slot, &scratch) { out, count in
      let (first, second) = (a.arena.span, b.arena.span)
      for row in 0..<count {
        let isKnown = a.isPresent(row) && b.isPresent(row)
        out[row] = isKnown ? Truth(body(a.ref(row), first, b.ref(row), second)) : .unknown
      }
    }
  }

  func isIn(
    _ operand: Program.TextOperand, _ list: [[UInt8]], _ slot: Int,
    _ scratch: inout ExpressionScratch
  ) {
    let input = text(operand, scratch)
    writeTruths(slot, &scratch) { out, count in
      let arena = input.arena.span
      for row in 0..<count {
        guard input.isPresent(row) else {
          out[row] = .unknown
          continue
        }
        let ref = input.ref(row)
        out[row] = .false
        for text in list where text.count == ref.length {
          if TextKernels.isEqual(ref, arena, TextRef(offset: 0, length: text.count), text.span) {
            out[row] = .true
            break
          }
        }
      }
    }
  }

  /// A number for every present text.
  @inline(__always)
  func measure(
    _ operand: Program.TextOperand, _ slot: Int, _ scratch: inout ExpressionScratch,
    _ body: (TextRef, Span<UInt8>) -> Int
  ) {
    let input = text(operand, scratch)
    let count = count
    writeNumbers(slot, &scratch) { values, states in
      let arena = input.arena.span
      for row in 0..<count {
        let isKnown = input.isPresent(row)
        states[row] = isKnown ? .present : .null
        if isKnown { values[row] = Int64(body(input.ref(row), arena)) }
      }
    }
  }

  func substring(
    _ texts: Program.Texts, _ from: Int, _ length: Int, _ slot: Int,
    _ scratch: inout ExpressionScratch
  ) {
    let input = text(texts.operand, scratch)
    let count = count
    writeTexts(slot, &scratch) { out in
      let arena = input.arena.span
      for row in 0..<count {
        let isKnown = input.isPresent(row)
        out.states[row] = isKnown ? .present : .null
        guard isKnown else { continue }
        if texts.isMultiValued {
          out.refs[row] = TextKernels.substrings(
            input.ref(row), arena, from, length, into: &out.made)
        } else {
          out.refs[row] = TextKernels.substring(input.ref(row), arena, from, length)
        }
      }
      out.arena = texts.isMultiValued ? out.made : input.arena
    }
  }

  func normalized(
    _ operand: Program.TextOperand, _ slot: Int, _ scratch: inout ExpressionScratch
  ) {
    let input = text(operand, scratch)
    let count = count
    writeTexts(slot, &scratch) { out in
      let arena = input.arena.span
      for row in 0..<count {
        let isKnown = input.isPresent(row)
        out.states[row] = isKnown ? .present : .null
        guard isKnown else { continue }
        let offset = out.made.count
        NameNormalizer.append(arena.extracting(input.ref(row).range), to: &out.made)
        out.refs[row] = out.made.text(from: offset)
      }
      out.arena = out.made
    }
  }

  func fallback(
    _ left: Program.TextOperand, _ right: Program.TextOperand, _ slot: Int,
    _ scratch: inout ExpressionScratch
  ) {
    let (a, b) = (text(left, scratch), text(right, scratch))
    let count = count
    writeTexts(slot, &scratch) { out in
      for row in 0..<count {
        let source = a.isPresent(row) ? a : b
        let isKnown = source.isPresent(row)
        out.states[row] = isKnown ? .present : .null
        guard isKnown else { continue }
        out.refs[row] = out.made.appendText(source.arena.span.extracting(source.ref(row).range))
      }
      out.arena = out.made
    }
  }
}
