using System.Text.Json;
using Haq.Engine.Diagnostics;
using Haq.Engine.Dialects;

namespace Haq.Engine.Tests.Dialects;

/// <summary>Target files: the built-in ones, a user's, and wrong ones.</summary>
public sealed class DialectReaderTests
{
    private const string Head = "title: Mine\nversion: 1\nsources:\n  doc: {url: https://example.org, version: 1}\nrules:\n";

    public static TheoryData<string> Targets => [.. DialectCatalog.BuiltInNames];

    [Theory]
    [MemberData(nameof(Targets))]
    public void A_built_in_target_has_rules_with_sources(string name)
    {
        var profile = DialectCatalog.Load(name, ".");
        Assert.Equal(name, profile.Name);
        Assert.NotEmpty(profile.Rules);
        Assert.All(profile.Rules, rule =>
        {
            Assert.StartsWith("https://", profile.SourceOf(rule).Url, StringComparison.Ordinal);
            Assert.NotEmpty(rule.Describe());
        });
        Assert.All(profile.Sources, source => Assert.Contains(profile.Rules, rule => rule.Source == source.Key));
    }

    [Fact]
    public void A_target_of_ones_own_is_read_from_its_file()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "my.target.yaml");
        File.WriteAllText(path, Head + "  - {rule: activations, from: doc, types: [int8, uint8], effect: refused}\n  - {rule: widths, from: doc, pairs: w8a8}\n");
        var profile = DialectCatalog.Load("./my.target.yaml", folder.Path);
        Assert.Equal("my", profile.Name);
        Assert.Equal([RuleEffect.Refused, RuleEffect.Fallback], profile.Rules.Select(r => r.Effect));
        Assert.Equal("the host", profile.Host);
    }

    [Theory]
    [InlineData("  - {rule: activatoins, from: doc, types: int8}", 6, 12, "HAQ0223", "Did you mean 'activations'?")]
    [InlineData("  - {rule: bananas, from: doc}", 6, 12, "HAQ0223", "Known: activations, attributes")]
    [InlineData("  - {rule: activations, from: dic, types: int8}", 6, 31, "HAQ0004", "did you mean 'doc'?")]
    [InlineData("  - {rule: activations, from: doc, types: int9}", 6, 43, "HAQ0004", "expected one of")]
    [InlineData("  - {rule: activations, from: doc, types: int8, zeropoint: zero}", 6, 49, "HAQ0002", "Did you mean 'zero-point'?")]
    [InlineData("  - {rule: activations, from: doc}", 6, 5, "HAQ0003", "types")]
    [InlineData("  - {rule: activations, from: doc, types: uint8, zero-point: zero}", 6, 62, "HAQ0224", "signed type")]
    [InlineData("  - {rule: weights, from: doc, types: uint8, zero-point: zero}", 6, 58, "HAQ0224", "signed type")]
    [InlineData("  - {rule: biases, from: doc, form: real, scale: product}", 6, 50, "HAQ0224", "real biases have no scale")]
    [InlineData("  - {rule: limits, from: doc, operators: Conv, min: 3, max: 2}", 6, 53, "HAQ0224", "above 'max'")]
    [InlineData("  - {rule: outputs, from: doc, operators: Split}", 6, 12, "HAQ0224", "the rule bounds nothing")]
    [InlineData("  - {rule: limits, from: doc, operators: Conv, attribute: group, input: 1, max: 2}", 6, 73, "HAQ0224", "give one of them")]
    [InlineData("  - {rule: pairs, from: doc}", 6, 12, "HAQ0224", "asks for no pair")]
    [InlineData("  - {rule: opset, from: doc, min: 13}\n  - {rule: opset, from: doc, max: 20}", 7, 5, "HAQ0224", "line 6")]
    [InlineData("  - {rule: activations, from: doc, types: int8}\n  - {rule: widths, from: doc, pairs: [w8a8, w8a16]}", 7, 5, "HAQ0224", "w8a16 needs activations of 16 bits")]
    [InlineData("  - {rule: activations, from: doc, types: uint8}\n  - {rule: constants, from: doc, operator: Tanh, type: uint16, scale: 1/32768, zero-point: 32768}",
        7, 5, "HAQ0224", "uint16 is no type of activations here")]
    [InlineData("  - {rule: constants, from: doc, operator: Tanh, type: uint8, scale: 1/0, zero-point: 0}", 6, 70, "HAQ0004", "a fraction as in 1/65536")]
    public void What_is_wrong_is_told_where_it_stands(string rules, int line, int column, string code, string says)
    {
        var error = Assert.Throws<HaqException>(() => DialectReader.Read("my.target.yaml", Head + rules + "\n")).Diagnostic;
        Assert.Equal((code, new SourceLocation("my.target.yaml", line, column)), (error.Descriptor.Code, error.Location!));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("qmn", "HAQ0221", "Did you mean 'qnn'?")]
    [InlineData("toaster", "HAQ0221", "or give the path of a target file")]
    [InlineData("./none.yaml", "HAQ0221", "It was looked for in")]
    public void A_target_that_there_is_not_is_told_with_the_ones_there_are(string name, string code, string says)
    {
        var error = Assert.Throws<HaqException>(() => DialectCatalog.Load(name, ".")).Diagnostic;
        Assert.Equal(code, error.Descriptor.Code);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_schema_has_a_branch_for_every_rule()
    {
        var branches = JsonDocument.Parse(DialectSchema.ToJson()).RootElement.GetProperty("properties").GetProperty("rules").GetProperty("items").GetProperty("oneOf");
        Assert.Equal(DialectRuleKinds.All.Select(k => k.Name), branches.EnumerateArray().Select(b => b.GetProperty("properties").GetProperty("rule").GetProperty("const").GetString()));
    }
}
