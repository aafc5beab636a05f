using Haq.Engine.Diagnostics;
using Haq.Engine.Dialects;
using Haq.Engine.Hardware;
using Haq.Engine.Manifest;
using Haq.Engine.Onnx;
using Haq.Engine.Search;

namespace Haq.Engine.Pipeline.Inputs;

/// <summary>What is read before anything is computed: the manifest, the hardware file, the model, and the digests of everything that they name.</summary>
/// <param name="Manifest">With what the caller asks for in its place.</param>
/// <param name="Target">The hardware as its file declares it.</param>
/// <param name="Inputs">Everything read.</param>
/// <param name="Model">As it was read.</param>
/// <param name="ModelDigest">SHA-256 of the model's file; where it has external data, of that and the data together.</param>
/// <param name="Dialect">The target that the file is written for.</param>
/// <param name="IsFormatOverridden">The caller asks for another format than the manifest does.</param>
internal sealed record OpenedManifest(HaqManifest Manifest, HardwareTarget Target, InputLedger Inputs, OnnxModel Model, string ModelDigest, DialectProfile Dialect, bool IsFormatOverridden)
{
    /// <exception cref="HaqException">The manifest, the hardware file or the model's file is wrong or missing.</exception>
    public static OpenedManifest Open(PipelineOptions options, InputLedger inputs)
    {
        inputs.Watch(options.Manifest);
        var manifest = ManifestReader.Read(options.Manifest, Strategies.Names);
        bool isOverridden = options.Format is { } format && format != manifest.Format;
        if (isOverridden) manifest = manifest with { Format = options.Format!.Value };
        if (options.Budget is { } budget) manifest = manifest with { Budget = ManifestReader.ParseBudget(budget) };
        BuiltFeatures.Require(manifest);
        FormatLimits.Check(manifest);
        SharedWeights.Check(manifest);
        EvaluationLimits.Check(manifest);
        var target = ReadHardware(options, manifest);
        if (target.Files.Length > 0)
        {
            // Which files a hardware file names is known once it is read; what counts is what they hold while they are watched.
            foreach (string file in target.Files) inputs.Watch(file);
            target = ReadHardware(options, manifest);
        }
        inputs.Watch(manifest.Model.FullPath);
        if (!File.Exists(manifest.Model.FullPath))
        {
            throw DiagnosticCatalog.InputMissing.Error(manifest.Model.At,
                $"there is no model '{manifest.Model.Text}' (looked for {manifest.Model.FullPath}). Name an ONNX file, relative to the manifest.");
        }

        inputs.AddManifest(manifest.File);
        var model = MappedConstants.Keep(OnnxModel.Load(manifest.Model.FullPath));
        string digest = ModelFiles.Record(inputs, model, manifest.Model.FullPath);
        string? hardware = options.Hardware is null ? manifest.Hardware.File : target.Files.FirstOrDefault();
        inputs.Add("hardware", hardware ?? target.Name, target.Digest, isFile: hardware is not null);
        if (manifest.Search.Agent is { } agent && options.Agent is null)
        {
            inputs.Watch(agent.FullPath);
            if (File.Exists(agent.FullPath)) inputs.Add("agent", agent.FullPath, inputs.DigestOf(agent.FullPath), isFile: true);
        }
        var dialect = ReadDialect(manifest, target, inputs);
        foreach (var (role, set) in DataSets.Named(manifest.Data)) inputs.Add(role, set);
        return new OpenedManifest(manifest, target, inputs, model, digest, dialect, isOverridden);
    }

    private static DialectProfile ReadDialect(HaqManifest manifest, HardwareTarget target, InputLedger inputs)
    {
        var (name, folder, at) = manifest.Target is { } asked ? (asked.Value, manifest.Folder, asked.At) : (target.Dialect ?? DialectProfile.Default, manifest.Folder, (SourceLocation?)null);
        string? file = DialectCatalog.FileOf(name, folder, at);
        if (file is not null) inputs.Watch(file);
        var dialect = DialectCatalog.Load(name, folder, at);
        if (dialect.Name == DialectProfile.Default && file is null) return dialect;
        FormatLimits.Check(manifest, dialect, at ?? manifest.Hardware.At);
        inputs.Add("target", file ?? dialect.Name, dialect.Digest, isFile: file is not null);
        return dialect;
    }

    private static HardwareTarget ReadHardware(PipelineOptions options, HaqManifest manifest) => options.Hardware is { } other
        ? HardwareCatalog.Load(other, Directory.GetCurrentDirectory())
        : HardwareCatalog.Load(manifest.Hardware.Name, manifest.Folder, manifest.Hardware.At);
}
