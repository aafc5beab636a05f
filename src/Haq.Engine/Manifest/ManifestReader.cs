using System.Text;
using Haq.Engine.Diagnostics;
using Haq.Engine.Files;
using Haq.Engine.Manifest.Keys;
using Haq.Engine.Numerics;
using Haq.Engine.Search;
using Haq.Engine.Yaml;

namespace Haq.Engine.Manifest;

/// <summary>Reads haq.yaml, strictly: what is not understood is an error with its position.</summary>
public static class ManifestReader
{
    /// <summary>Reads a file.</summary>
    /// <param name="file">Its path; errors name it as given here.</param>
    /// <param name="strategies">The names of the search strategies that exist; null leaves that check to the caller.</param>
    /// <exception cref="HaqException">The file cannot be read, or something in it is wrong (HAQ0001 to HAQ0009).</exception>
    public static HaqManifest Read(string file, IReadOnlyCollection<string>? strategies = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        string text;
        try
        {
            OrdinaryFile.Require(file);
            text = File.ReadAllText(file, new UTF8Encoding(false, throwOnInvalidBytes: true));
        }
        catch (DecoderFallbackException e)
        {
            throw DiagnosticCatalog.YamlSyntax.Error(file, "the file is not UTF-8 text.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            string why = Directory.Exists(file) ? "it is a folder" : File.Exists(file) ? e.Message.TrimEnd('.') : "there is no such file";
            throw DiagnosticCatalog.ManifestUnreadable.Error(file, $"the manifest cannot be read: {why}. 'haq init MODEL' writes one.", e);
        }
        return Parse(file, text, strategies);
    }

    /// <summary>Reads the text of a manifest; <paramref name="file"/> gives the folder that paths start from, and the name in errors.</summary>
    /// <exception cref="HaqException">Something in it is wrong; all of it that can be told is in the exception.</exception>
    public static HaqManifest Parse(string file, string text, IReadOnlyCollection<string>? strategies = null)
    {
        var document = YamlReader.Parse(file, text);
        try
        {
            return Read(file, document, strategies);
        }
        catch (HaqException e)
        {
            throw new HaqException(ManifestProblems.With(e, document));
        }
    }

    /// <summary>Reads entries of <c>budget:</c> that stand by themselves, <c>latency: 0.6x, size: 2 MB</c> or with <c>=</c>.</summary>
    /// <exception cref="HaqException">Something in them is wrong.</exception>
    public static BudgetSettings ParseBudget(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return BudgetKeys.Kind.Read(YamlReader.Parse("--budget", $"budget: {{{text.Replace("=", ": ", StringComparison.Ordinal)}}}").Find("budget")!);
    }

    private static HaqManifest Read(string file, YamlMapping document, IReadOnlyCollection<string>? strategies)
    {
        var root = new Section(document, ManifestKeys.Group);
        var model = root.Require(ManifestKeys.Model)!;
        var search = root.Get(ManifestKeys.Search) ?? SearchKeys.Default(file);
        var manifest = new HaqManifest(
            file,
            model,
            (root.Get(ManifestKeys.Output) ?? DefaultOutput(file, model)).FullPath,
            root.Get(ManifestKeys.Format),
            root.Require(ManifestKeys.Hardware)!,
            root.Get(ManifestKeys.Budget),
            root.Get(ManifestKeys.Objective),
            root.Get(ManifestKeys.Data),
            root.Get(ManifestKeys.Layers),
            root.Get(ManifestKeys.Bits),
            root.Get(ManifestKeys.Inputs),
            root.Get(ManifestKeys.Metric),
            search,
            root.Get(ManifestKeys.Quantization),
            root.Get(ManifestKeys.Finetune))
        {
            Gate = root.Get(ManifestKeys.Gate),
            Target = root.Get(ManifestKeys.Target),
        };
        if (manifest.Output == model.FullPath)
            throw root.Find(ManifestKeys.Output)!.Invalid("the quantized model would replace the model; choose another name");
        CheckGoal(manifest, root);
        if (strategies is not null) CheckStrategy(search, strategies);
        return manifest;
    }

    // A goal that cannot mean anything is refused here; whether it can be reached only later stages know.
    private static void CheckGoal(HaqManifest manifest, Section root)
    {
        var budget = manifest.Budget;
        if (budget.AccuracyDrop is { } limited && manifest.Metric.Kind == Quality.Sqnr)
            throw DiagnosticCatalog.SettingsConflict.Error(limited.At, "the float network has no signal-to-noise ratio that points could be lost of. Use 'metric: cosine' with 'accuracy-drop', or leave it out.");
        bool hasBits = manifest.Bits.At is not null;
        if (manifest.Objective != SearchObjective.Accuracy)
        {
            if (budget.AccuracyDrop is not null) return;
            throw root.Find(ManifestKeys.Objective)!.Invalid("it needs 'accuracy-drop' in the budget, for example 'accuracy-drop: 1 %', as the fewest bits would win otherwise");
        }
        if (!budget.IsUnbounded || hasBits) return;
        string next = budget.AccuracyDrop is null
            ? "give a budget, for example 'budget: {latency: 0.6x}', or 'bits:'"
            : "with 'accuracy-drop' alone, set 'objective: latency' (or energy, or size), or add a latency, energy or size";
        throw DiagnosticCatalog.NoGoal.Error(root.Find(ManifestKeys.Budget)?.Location ?? root.Location, $"nothing bounds the cost, so 8 bits everywhere would win: {next}.");
    }

    private static void CheckStrategy(SearchSettings search, IReadOnlyCollection<string> strategies)
    {
        var (name, at) = search.Strategy;
        if (strategies.Contains(name)) return;
        string? meant = Suggestion.For(name, strategies);
        throw DiagnosticCatalog.UnknownStrategy.Error(at,
            $"there is no search strategy '{name}'. {(meant is null ? "" : $"Did you mean '{meant}'? ")}Available: {string.Join(", ", strategies)}.");
    }

    private static FileReference DefaultOutput(string file, FileReference model) =>
        FileReference.Resolve(Path.GetFileNameWithoutExtension(model.FullPath) + ".haq.onnx", new SourceLocation(file));
}
