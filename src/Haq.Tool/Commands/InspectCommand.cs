using System.CommandLine;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation.Diagnosis;
using Haq.Engine.Layers;
using Haq.Engine.Onnx;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Exploring;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Preparation;
using Haq.Engine.Runtime;
using Haq.Tool.Options;
using Haq.Tool.Output;

namespace Haq.Tool.Commands;

/// <summary><c>haq inspect MODEL | haq.yaml</c></summary>
internal static class InspectCommand
{
    private const int UsualSamples = 64;

    public static Command Create()
    {
        var path = new Argument<string>("MODEL") { Description = "An ONNX file, opset 7 or later; or a manifest (*.yaml), to find out which layer broke the quantized model." };
        var shape = ShapeOption.Create();
        var bits = new Option<string?>("--bits") { Description = "With a manifest: a uniform policy: a width (8, 16, float) or a pair (w8a16); what the manifest pins stays pinned.", HelpName = "WIDTH" };
        var policy = new Option<string?>("--policy") { Description = "With a manifest: a policy file. Default: the policy of haq.lock.json.", HelpName = "FILE" };
        var samples = new Option<int>("--samples") { Description = "With a manifest: samples of the search set to measure on.", HelpName = "N", DefaultValueFactory = _ => UsualSamples };
        var widths = new Option<string?>("--widths") { Description = "With a manifest: measure each layer's weights and input at these widths too, for example 2,4,6,8.", HelpName = "LIST" };
        var tensors = new Option<bool>("--tensors") { Description = "With a model: the tensors between layers too, which have widths of their own on hardware that keeps integers alone (tensors: integer)." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var inspect = new Command(
            "inspect",
            "What is in a model: inputs, outputs, the layers that can be quantized with their shapes, multiply-accumulates (MACs) and weights, and why other nodes cannot. "
            + "Layers with the same letter read one tensor, so they share their activation bits.\n\n"
            + "With a manifest: which layer broke the quantized model, measured on the manifest's search data. The layers are sorted by what they give back: how much the loss falls when that layer alone "
            + "is float again. Beside it stand the noise of its output alone and in place, the range of its input, what is clipped, outliers, and the accumulator that its sums need.\n\n"
            + "Examples:\n  haq inspect mobilenet.onnx\n  haq inspect detector.onnx --shape image=1,3,320,320 --json\n  haq inspect encoder.onnx --tensors\n  haq inspect haq.yaml\n  haq inspect haq.yaml --bits 4 --widths 2,3,4,6,8")
        {
            path, shape, bits, policy, samples, widths, tensors, json,
        };
        inspect.SetAction((parsed, cancellation) =>
        {
            string file = parsed.GetRequiredValue(path);
            if (Path.GetExtension(file).ToLowerInvariant() is ".yaml" or ".yml")
            {
                var (names, diagnosis) = Diagnose(parsed, file, w =>
                    PolicyChoice.Of(w, parsed.GetValue(bits), parsed.GetValue(policy)), parsed.GetValue(samples), Widths(parsed.GetValue(widths)), cancellation);
                if (parsed.GetValue(json)) DiagnosisJson.Write(names, diagnosis);
                else DiagnosisTable.Print(names, diagnosis);
                return Task.CompletedTask;
            }
            foreach (var option in new Option[] { bits, policy, widths })
            {
                if (parsed.GetResult(option) is { Implicit: false })
                {
                    throw DiagnosticCatalog.InvalidValue.Error((SourceLocation?)null,
                    $"'{option.Name}' needs a manifest with data, and '{file}' is a model. Give a haq.yaml in its place.");
                }
            }

            var model = OnnxModel.Load(file);
            var survey = ModelSurvey.Of(model, ShapeOption.Parse(parsed.GetValue(shape)!));
            var asked = new PreparationOptions { Between = BetweenLayers.Tensors, InputShapes = ShapeOption.Parse(parsed.GetValue(shape)!) };
            var between = parsed.GetValue(tensors) ? QuantizableModel.Prepare(model, asked) : null;
            if (parsed.GetValue(json)) InspectionJson.Write(model, survey, between);
            else InspectionTable.Print(model, survey, between);
            return Task.CompletedTask;
        });
        return inspect;
    }

    private static (string[] Names, NetworkDiagnosis Diagnosis) Diagnose(ParseResult parsed, string manifest, Func<Workspace, Policy> choose, int samples, int[] widths, CancellationToken cancellation)
    {
        if (samples < 1) throw DiagnosticCatalog.InvalidValue.Error((SourceLocation?)null, $"'--samples {samples}': expected at least 1 sample.");
        using var cache = RemoteCacheOption.Open(parsed);
        using var cluster = ClusterOption.Open(parsed, cache);
        using var progress = new ConsoleProgress();
        using var workspace = Workspace.Open(new PipelineOptions(ManifestArgument.Resolve(manifest), cache.Stages) { Workers = cluster.Workers }, progress, cancellation);
        var diagnosis = PolicyDiagnosis.Run(workspace, choose, samples, widths);
        return ([.. workspace.Model.Layers.Select(l => l.Name)], diagnosis);
    }

    private static int[] Widths(string? list)
    {
        if (list is null) return [];
        var widths = new List<int>();
        foreach (string item in list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!WidthText.TryParse(item, Bitwidth.Min, out var width, out string expectation) || width.IsFloat)
                throw DiagnosticCatalog.BitsSyntax.Error((SourceLocation?)null, $"'--widths {list}': '{item}' is no width of integers{(expectation.Length > 0 ? $", {expectation}" : "")}. For example 2,4,6,8,16.");
            widths.Add(width.Bits);
        }
        return [.. widths.Distinct().Order()];
    }
}
