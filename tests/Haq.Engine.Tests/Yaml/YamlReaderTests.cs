using Haq.Engine.Diagnostics;
using Haq.Engine.Yaml;

namespace Haq.Engine.Tests.Yaml;

public sealed class YamlReaderTests
{
    [Theory]
    [InlineData("a: 1\nb:\n\tc: 2", "HAQ0001", 3, "tab")]
    [InlineData("a: &x 1\nb: *x", "HAQ0001", 1, "anchors and aliases")]
    [InlineData("a: *x", "HAQ0001", 1, "")]
    [InlineData("a:\n  <<: {b: 1}", "HAQ0001", 2, "merge keys")]
    [InlineData("a: !!str 1", "HAQ0001", 1, "tag")]
    [InlineData("a: 1\n---\nb: 2", "HAQ0001", 1, "found 2")]
    [InlineData("a: [1, 2", "HAQ0001", 1, "")]
    [InlineData("a:\n  b: 1\n  c: 2\n  b: 3", "HAQ0005", 4, "first in line 2")]
    [InlineData("a: {b: 1, b: 2}", "HAQ0005", 1, "given twice")]
    [InlineData("just text", "HAQ0004", 1, "expected a mapping")]
    public void What_is_not_plain_yaml_is_refused_with_its_position(string text, string code, int line, string message)
    {
        var diagnostic = Assert.Throws<HaqException>(() => YamlReader.Parse("f.yaml", text)).Diagnostic;
        Assert.Equal(code, diagnostic.Descriptor.Code);
        Assert.Equal(line, diagnostic.Location!.Value.Line);
        Assert.Contains(message, diagnostic.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_key_in_different_mappings_is_fine()
    {
        var root = YamlReader.Parse("f.yaml", "a: {x: 1}\nb: [{x: 2}, {x: 3}]\nx: a");
        Assert.Equal(3, root.Require("b", "").AsSequence()[1].AsMapping().Require("x", "").AsInteger(0, 9));
    }

    [Theory]
    [InlineData("a:", true)]
    [InlineData("a: ~", true)]
    [InlineData("a: null", true)]
    [InlineData("a: 'null'", false)]
    [InlineData("a: ''", false)]
    public void Nothing_is_told_from_text(string text, bool isNull) => Assert.Equal(isNull, YamlReader.Parse("f", text).Require("a", "").IsNull);
}
