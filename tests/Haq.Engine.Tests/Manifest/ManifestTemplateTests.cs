using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation.Sanity;
using Haq.Engine.Manifest;
using Haq.Engine.Manifest.Keys;
using Haq.Engine.Onnx;
using Haq.Engine.Yaml;

namespace Haq.Engine.Tests.Manifest;

public sealed partial class ManifestTemplateTests
{
    private static readonly TemplateFacts s_facts = new(
        "my net.onnx", "bismo-edge", [("image", [-1, 3, -1, -1]), ("length", [-1])], ["conv_0", "head"],
        new SuggestedData("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz", "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", null));

    [Fact]
    public void The_template_parses_and_says_what_it_was_fitted_to()
    {
        var manifest = ManifestReader.Parse("/p/haq.yaml", ManifestTemplate.Write(s_facts, "haq.schema.json"));
        Assert.Equal("/p/my net.onnx", manifest.Model.FullPath);
        Assert.Equal(0.6, manifest.Budget.Latency!.Value.Value.Value);
        Assert.Equal("/p/t10k-labels-idx1-ubyte.gz", manifest.Data.Evaluation!.Labels!.Path!.FullPath);
        Assert.Equal(255, manifest.Data.Evaluation.Preprocess.Scale);
        Assert.Equal("/p/train-images-idx3-ubyte.gz", manifest.Data.Training!.Files[0].File.FullPath);
        Assert.Equal([1, 3, 224, 224], Assert.Single(manifest.Inputs).Shape!.Value);
        Assert.Null(manifest.Finetune);
    }

    [Fact]
    public void What_was_found_to_read_the_data_best_is_written_even_where_it_is_nothing()
    {
        var stored = new InputSuggestion(new DatasetOptions([new DataFile(null, FileReference.Resolve("t10k-images-idx3-ubyte.gz", new SourceLocation("/p/haq.yaml")))]), "tried");
        Assert.Equal(1, ManifestReader.Parse("/p/haq.yaml", ManifestTemplate.Write(s_facts with { Input = stored })).Data.Evaluation!.Preprocess.Scale);
    }

    [Fact]
    public void A_model_of_free_shapes_has_its_layers_named_and_its_shapes_asked_for()
    {
        using var folder = new TemporaryFolder();
        var model = TinyModel.Of(
            13, ("tokens", [-1, -1, -1]), [TensorData.Of("w", [16, 24], new float[384])],
            OnnxNode.Of(OpNames.MatMul, ["tokens", "w"], ["h"], "dense"), OnnxNode.Of(OpNames.MatMul, ["h", "h"], ["y"], "attention"));
        string path = Path.Combine(folder.Path, "m.onnx");
        model.Save(path);
        var facts = TemplateFacts.Of(path, folder.Path, "bismo-edge");
        Assert.Equal(["dense"], facts.Layers);
        Assert.Equal([1, 128, 128], Assert.Single(ManifestReader.Parse(Path.Combine(folder.Path, "haq.yaml"), ManifestTemplate.Write(facts)).Inputs).Shape!.Value);
    }

    [Fact]
    public void Every_commented_line_can_be_set()
    {
        string template = ManifestTemplate.Write(s_facts);
        var manifest = ManifestReader.Parse("/p/haq.yaml", Commented().Replace(template, "$1"));
        Assert.NotNull(manifest.Finetune);
        Assert.Single(manifest.Layers);
        Assert.Equal(10, manifest.Search.TimeLimit!.Value.TotalMinutes);
    }

    [Fact]
    public void The_template_shows_every_key_that_is_not_advanced()
    {
        string template = ManifestTemplate.Write(s_facts);
        foreach (var key in ManifestKeys.Group.Keys.Concat(ManifestKeys.Search.Group!.Keys).Concat(ManifestKeys.Finetune.Group!.Keys).Concat(ManifestKeys.Budget.Group!.Keys))
            Assert.Equal(!key.Advanced, Regex.IsMatch(template, $@"^#?\s*{key.Name}:", RegexOptions.Multiline));
    }

    [Fact]
    public void The_schema_describes_every_key_and_forbids_others()
    {
        var schema = JsonNode.Parse(ManifestSchema.ToJson(["auto", "ddpg"]))!.AsObject();
        Assert.Equal("http://json-schema.org/draft-07/schema#", (string?)schema["$schema"]);
        Assert.Equal(["model", "hardware"], schema["required"]!.AsArray().Select(n => (string?)n));
        Assert.Equal(["auto", "ddpg"], schema["properties"]!["search"]!["properties"]!["strategy"]!["enum"]!.AsArray().Select(n => (string?)n));
        int described = 0;
        Walk(schema, ref described);
        Assert.True(described > 80);
    }

    [Fact]
    public void The_reference_describes_every_key()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Haq.Build.sln"))) folder = Path.GetDirectoryName(folder);
        string reference = File.ReadAllText(Path.Combine(folder!, "docs", "manifest.md"));
        Assert.All(Keys(ManifestKeys.Group).Distinct(), name => Assert.Contains($"`{name}`", reference, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Keys(KeyGroup group) => group.Keys.SelectMany(key => key.Group is null ? [key.Name] : Keys(key.Group).Append(key.Name));

    private static void Walk(JsonObject schema, ref int described)
    {
        foreach (var form in schema["anyOf"]?.AsArray() ?? []) Walk(form!.AsObject(), ref described);
        if (schema["properties"] is not JsonObject properties) return;
        Assert.False((bool)schema["additionalProperties"]!);
        foreach (var (_, property) in properties)
        {
            Assert.False(string.IsNullOrEmpty((string?)property!["description"]));
            described++;
            Walk(property.AsObject(), ref described);
        }
    }

    [GeneratedRegex(@"^#( *[a-z-]+:.*)$", RegexOptions.Multiline)]
    private static partial Regex Commented();
}
