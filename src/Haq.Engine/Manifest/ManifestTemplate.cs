using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Haq.Engine.Data;
using Haq.Engine.Manifest.Keys;

namespace Haq.Engine.Manifest;

/// <summary>
/// The haq.yaml that <c>haq init</c> writes: what must be said is filled in, every other key stands commented out with its default or an example.
/// Removing the # at the start of a line (and of the line that it is indented under) sets it.
/// </summary>
public static class ManifestTemplate
{
    private const int CommentColumn = 46;

    /// <summary>The text of a manifest.</summary>
    /// <param name="facts">What it is fitted to.</param>
    /// <param name="schema">The path of a JSON Schema for editors, or null.</param>
    public static string Write(TemplateFacts facts, string? schema = null)
    {
        ArgumentNullException.ThrowIfNull(facts);
        var text = new StringBuilder();
        if (schema is not null) text.Append("# yaml-language-server: $schema=").Append(schema).Append('\n');
        text.Append("# How this model is quantized. Lines that start with # show other keys with their defaults, or an example: remove the # to set one.\n\n");
        Write(text, ManifestKeys.Group, "", 0, isActive: true, Values(facts), facts);
        return text.ToString();
    }

    private static Dictionary<string, string> Values(TemplateFacts facts)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["model"] = Quote(facts.Model),
            ["hardware"] = Quote(facts.Hardware),
            ["data.evaluation.path"] = Quote(facts.Data.Evaluation ?? "data.npz"),
        };
        // What is measured on this machine is made as fast as it gets; what is simulated has a budget to stay within.
        if (facts.IsMeasured) (values["objective"], values["budget.accuracy-drop"]) = ("latency", "1 %");
        else if (facts.WideBits is { } wide) (values["bits"], values["objective"], values["budget.accuracy-drop"], values["metric"]) = (wide, "latency", "0.5 %", "cosine");
        else values["budget.latency"] = facts.Latency;
        if (facts.Data.EvaluationLabels is { } labels) values["data.evaluation.labels"] = Quote(labels);
        if (facts.Data.Raw is { } raw)
        {
            values["data.evaluation.format"] = "raw";
            values["data.evaluation.dtype"] = raw.Kind.ToString().ToLowerInvariant();
            values["data.evaluation.shape"] = $"[{string.Join(", ", raw.Shape)}]";
        }
        if (facts.Data.Calibration is { } calibration) values["data.calibration"] = Quote(calibration);
        if (facts.Data.Training is { } training)
            values["data.training"] = facts.Data.TrainingLabels is { } classes ? $"{{path: {Quote(training)}, labels: {Quote(classes)}}}" : Quote(training);
        if (facts.Input is { } input) AddInput(values, input.Options);
        if (facts.Input is { HasOtherLabels: true } && facts.WideBits is null) values["metric"] = "agreement";
        else if (facts.Input is null && IsBytes(facts.Data.Evaluation)) values["data.preprocess.scale"] = "255";
        // A dynamic batch is the usual case and needs no declaration; other open extents do.
        var open = facts.Inputs.Where(i => i.Shape.Skip(1).Any(e => e < 0)).ToList();
        if (open.Count > 0) values["inputs"] = Shapes(open);
        return values;
    }

    private static void AddInput(Dictionary<string, string> values, DatasetOptions options)
    {
        var (given, none) = (options.Preprocess, PreprocessOptions.None);
        if (given.Scale != none.Scale) values["data.preprocess.scale"] = Number(given.Scale);
        if (!given.Mean.SequenceEqual(none.Mean)) values["data.preprocess.mean"] = Numbers(given.Mean);
        if (!given.Std.SequenceEqual(none.Std)) values["data.preprocess.std"] = Numbers(given.Std);
        if (given.Resize.Length > 0) values["data.preprocess.resize"] = $"[{string.Join(", ", given.Resize)}]";
        if (given.Color != none.Color) values["data.preprocess.color"] = given.Color.ToString().ToLowerInvariant();
        if (given.Layout is { } layout) values["data.preprocess.layout"] = layout.ToString().ToLowerInvariant();
        if (options.Labels is { Path: null, Column: not null } or { Offset: not 0 }) values["data.evaluation.labels"] = Labels(options.Labels, values.GetValueOrDefault("data.evaluation.labels"));
    }

    private static string Labels(LabelOptions labels, string? path)
    {
        var parts = new List<string>();
        if (path is not null) parts.Add($"path: {path}");
        if (labels.Column is { } column) parts.Add($"column: {Quote(column)}");
        if (labels.Offset != 0) parts.Add($"offset: {labels.Offset.ToString(CultureInfo.InvariantCulture)}");
        return $"{{{string.Join(", ", parts)}}}";
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Numbers(ImmutableArray<double> values) => values.Length == 1 ? Number(values[0]) : $"[{string.Join(", ", values.Select(Number))}]";

    /// <summary>A shape for an input whose extents are open, as the template writes it.</summary>
    internal static IEnumerable<long> ShapeOf(ImmutableArray<long> shape) => shape.Select((e, d) => e > 0 ? e : d == 0 ? 1 : Guess(shape.Length));

    private static string Shapes(IEnumerable<(string Name, ImmutableArray<long> Shape)> inputs) =>
        $"{{{string.Join(", ", inputs.Select(i => $"{Quote(i.Name)}: [{string.Join(", ", ShapeOf(i.Shape))}]"))}}}";

    // Open extents of images are mostly height and width; of others, lengths of sequences.
    private static long Guess(int rank) => rank == 4 ? 224 : 128;

    private static bool IsBytes(string? data) => data is not null && Path.GetExtension(data).ToLowerInvariant() is not (".npy" or ".npz" or ".csv" or ".tsv");

    private static void Write(StringBuilder text, KeyGroup group, string prefix, int indent, bool isActive, Dictionary<string, string> values, TemplateFacts facts)
    {
        foreach (var key in group.Keys.Where(k => !k.Advanced))
        {
            string path = prefix + key.Name;
            if (values.TryGetValue(path, out string? value))
            {
                Line(text, indent, isActive: true, $"{key.Name}: {value}", key.Summary);
                continue;
            }
            if (key.Group is null || key.Example is not null)
            {
                Line(text, indent, isActive: false, $"{key.Name}: {Example(path, key, facts)}", key.Summary);
                continue;
            }
            bool isSet = isActive && values.Keys.Any(k => k.StartsWith(path + ".", StringComparison.Ordinal));
            if (indent == 0) text.Append('\n');
            Line(text, indent, isSet, $"{key.Name}:", key.Summary);
            Write(text, key.Group, path + ".", indent + 2, isSet, values, facts);
        }
    }

    private static string Example(string path, Key key, TemplateFacts facts) => path switch
    {
        "output" => Quote(Path.GetFileNameWithoutExtension(facts.Model) + ".haq.onnx"),
        "inputs" when facts.Inputs.Length > 0 => Shapes(facts.Inputs),
        "layers" when facts.Layers.Length > 0 => $"{{{Quote(facts.Layers[^1])}: {{weights: 8, activations: 8}}}}",
        _ => key.Example ?? throw new InvalidOperationException($"key '{path}' has neither a default nor an example"),
    };

    private static void Line(StringBuilder text, int indent, bool isActive, string entry, string summary)
    {
        string line = (isActive ? "" : "#") + new string(' ', indent) + entry;
        text.Append(line.PadRight(CommentColumn)).Append(" # ").Append(summary).Append('\n');
    }

    // Quoted where YAML would read it as something else.
    private static string Quote(string value) =>
        value.Length > 0 && value.All(c => char.IsLetterOrDigit(c) || c is '.' or '_' or '-' or '/') && !"-.".Contains(value[0], StringComparison.Ordinal) && !char.IsDigit(value[0])
            ? value
            : $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
