import Testing

@testable import Pipeline

@Suite struct ExportedTableTests {
  private static func table(blocks: Int, bytes: Int, former: Int? = nil) -> ExportedTable {
    var table = ExportedTable(
      schema: "public", name: "t", sqlName: "public.t", columns: [], constraints: [], indexes: [],
      heaps: [ExportedTable.Heap(name: QualifiedName("t"), blocks: blocks)], bytes: bytes)
    table.cut(partBytes: 1 << 20, former: former)
    return table
  }

  @Test func `parts cover every block once and the last one has no end`() {
    for blocks in [0, 1, 2, 127, 128, 129, 1000] {
      let table = Self.table(blocks: blocks, bytes: blocks * 8192)
      var next = 0
      for index in 0..<table.partCount {
        let (_, first, end) = table.range(ofPart: index)
        #expect(first == next)
        #expect((end == nil) == (index == table.partCount - 1))
        next = end ?? next
      }
      #expect((0..<table.partCount).reduce(0) { $0 + table.bytes(ofPart: $1) } == table.bytes)
    }
  }

  @Test func `bounds stay where they are as a table grows`() {
    let small = Self.table(blocks: 300, bytes: 300 * 8192)
    let large = Self.table(blocks: 3000, bytes: 3000 * 8192)
    #expect(small.partBlocks == 128)
    for index in 0..<small.partCount {
      #expect(small.range(ofPart: index).first == large.range(ofPart: index).first)
    }
  }

  @Test func `values stored beside the table make its parts shorter`() {
    #expect(Self.table(blocks: 300, bytes: 300 * 8192 * 10).partBlocks == 8)
  }

  @Test func `the last archive's rule stays as long as it is no worse than twice or half`() {
    #expect(Self.table(blocks: 300, bytes: 300 * 8192, former: 256).partBlocks == 256)
    #expect(Self.table(blocks: 300, bytes: 300 * 8192, former: 64).partBlocks == 64)
    #expect(Self.table(blocks: 300, bytes: 300 * 8192, former: 32).partBlocks == 128)
    #expect(Self.table(blocks: 300, bytes: 300 * 8192, former: 100).partBlocks == 128)
  }
}
