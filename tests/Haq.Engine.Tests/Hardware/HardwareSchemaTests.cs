using System.Text.Json.Nodes;
using Haq.Engine.Hardware;
using Haq.Engine.Yaml;

namespace Haq.Engine.Tests.Hardware;

public sealed class HardwareSchemaTests
{
    public static TheoryData<string> BuiltIns => [.. HardwareCatalog.BuiltInNames];

    [Theory]
    [MemberData(nameof(BuiltIns))]
    public void Every_built_in_target_has_the_keys_of_its_kind_and_no_others(string name)
    {
        var file = YamlReader.Parse(name, HardwareCatalog.TextOf(name, "."));
        string kind = file.Require("kind", "test").AsText();
        var branch = JsonNode.Parse(HardwareSchema.ToJson())!["oneOf"]!.AsArray().Single(b => (string)b!["properties"]!["kind"]!["const"]! == kind)!;
        var written = file.Entries.Select(e => e.Key).ToHashSet(StringComparer.Ordinal);
        Assert.Subset(branch["properties"]!.AsObject().Select(p => p.Key).ToHashSet(StringComparer.Ordinal), written);
        Assert.Superset(branch["required"]!.AsArray().Select(r => (string)r!).ToHashSet(StringComparer.Ordinal), written);
    }

    [Fact]
    public void Ranges_are_those_that_the_reader_holds_files_to()
    {
        var rows = JsonNode.Parse(HardwareSchema.ToJson())!["oneOf"]!.AsArray().Single(b => (string)b!["title"]! == "systolic")!["properties"]!["rows"]!;
        Assert.Equal("integer", (string)rows["type"]!);
        Assert.Equal(1, (int)rows["minimum"]!);
    }
}
