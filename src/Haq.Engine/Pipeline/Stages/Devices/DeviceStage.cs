using System.Collections.Immutable;
using System.Text.Json;
using Haq.Engine.Diagnostics;
using Haq.Engine.Hardware.Probes;
using Haq.Engine.Manifest;
using Haq.Engine.Pipeline.Probing;
using Haq.Engine.Pipeline.Results;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Quantization;
using Haq.Engine.Quantization.Export;
using Onnx;

namespace Haq.Engine.Pipeline.Stages.Devices;

/// <param name="Model">The float network, whose extents the candidates have.</param>
/// <param name="Candidates">The candidates.</param>
/// <param name="Format">How files are written.</param>
/// <param name="Batch">Samples of a run where the model leaves that open.</param>
/// <param name="Seed">Of the numbers that files are run on.</param>
/// <param name="Run">How they are timed.</param>
/// <param name="Rounds">How often each is.</param>
/// <param name="Hardware">The hardware file's digest: another device, other times.</param>
/// <param name="At">What asks for it.</param>
internal sealed record DeviceInputs(
    Handle<QuantizableModel> Model, ImmutableArray<Handle<QuantizedModel>> Candidates, ExportFormat Format, int Batch, ulong Seed, DeviceRun Run, int Rounds, string Hardware, SourceLocation At);

/// <summary>Times candidates as whole files on the device. Each time is on the disk before the next is taken: what was cut off goes on where it was.</summary>
internal sealed class DeviceStage : CachedStage<DeviceInputs, DeviceTimes>
{
    private const string FileName = "device.json";

    // Of the stage's key: enough to tell the folders of two builds apart on a device.
    private const int NameDigits = 12;

    public override string Name => "device";

    public override int Version => StageVersions.Device;

    public override bool IsForAll(DeviceInputs inputs) => false;

    public override DeviceTimes Run(DeviceInputs inputs, StageScope scope)
    {
        if (scope.Journal("device-rounds", StageVersions.Device, inputs) is not { } place) throw DiagnosticCatalog.CannotWrite.Error(inputs.At, "times have nowhere to be kept: the cache cannot be written.");
        string probes = Path.Combine(place.Folder, "probes");
        Directory.CreateDirectory(probes);
        var numbers = new ProbeInputs(place.Folder, inputs.Seed);
        var files = ImmutableArray.CreateBuilder<Probe>();
        for (int i = 0; i < inputs.Candidates.Length; i++)
        {
            scope.Cancellation.ThrowIfCancellationRequested();
            scope.Report($"writing candidate {i + 1} of {inputs.Candidates.Length}");
            files.Add(Write(inputs, i, place.Folder, numbers));
        }
        scope.RequireUnchanged();
        var rounds = new FileRounds(place.Folder, $"haq-loop-{place.Key.Digest[..NameDigits]}", inputs.Run, inputs.Rounds, inputs.At);
        var times = rounds.Measure(files.ToImmutable(), new Relay<PipelineProgress>(at => scope.Report(at.Message, at.Fraction, at.Remaining)), scope.Cancellation);
        Directory.Delete(probes, recursive: true);
        return times;
    }

    public override void Write(DeviceTimes result, string folder) =>
        File.WriteAllBytes(Path.Combine(folder, FileName), JsonSerializer.SerializeToUtf8Bytes(result, SearchOutcomeJson.Default.DeviceTimes));

    public override DeviceTimes Read(DeviceInputs inputs, string folder) =>
        JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(folder, FileName)), SearchOutcomeJson.Default.DeviceTimes)!;

    // A file whose inputs have no random numbers can still be timed by a command that has its own.
    private static Probe Write(DeviceInputs inputs, int index, string folder, ProbeInputs numbers)
    {
        var network = inputs.Candidates[index].Value;
        string name = $"{FileRounds.Prefix}{index + 1}-{network.Policy.Digest[..NameDigits]}";
        var runnable = QdqExporter.Export(network);
        var probe = new Probe(name, ProbeKind.Policy, 0, numbers.Of(runnable, value => Extents(inputs, value)) ?? []);
        string path = Path.Combine(folder, probe.File);
        if (inputs.Format == ExportFormat.Qonnx) QonnxExporter.Export(network).Save(path);
        else runnable.Save(path);
        return probe;
    }

    private static long[] Extents(DeviceInputs inputs, ValueInfoProto value)
    {
        var known = inputs.Model.Value.InputShapes.GetValueOrDefault(value.Name);
        var declared = value.Type.TensorType.Shape.Dim;
        return [.. declared.Select((extent, i) => extent.DimValue > 0 ? extent.DimValue : i == 0 ? inputs.Batch : known is not null && i < known.Length ? known[i] : 1)];
    }
}
