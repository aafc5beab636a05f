using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Haq.Engine.Data;
using Haq.Engine.Diagnostics;
using Haq.Engine.Quantization;

namespace Haq.Engine.Training;

/// <summary>The state of a fine-tuning between two epochs, in one file.</summary>
internal sealed record FineTuneCheckpoint
{
    private const uint Magic = 0x46514148; // "HAQF"
    private const int Version = 2;

    private static readonly JsonSerializerOptions s_everyOption = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>Parameters and moments after the last epoch.</summary>
    public required float[][] State { get; init; }

    /// <summary>Parameters of the best epoch; null while that is the start.</summary>
    public required float[][]? Best { get; init; }

    public required int BestEpoch { get; init; }

    public required ValidationScore StartScore { get; init; }

    public required ValidationScore BestScore { get; init; }

    /// <summary>Product of the reductions of the learning rate after divergence.</summary>
    public required double Reduction { get; init; }

    public required int Retries { get; init; }

    /// <summary>Loss of the very first step, which explosions are measured by.</summary>
    public required double FirstLoss { get; init; }

    public required IReadOnlyList<FineTuneEpoch> Epochs { get; init; }

    /// <summary>Identifies the run: model, numbers, data and options. A checkpoint of another run is not used.</summary>
    public static string KeyOf(QuantizedModel start, IDataset training, FineTuneOptions options, int batch)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{start.Model.Digest()}|{start.Policy.Digest}|{training.Name}|{training.Count}|{batch}|")));
        // Every option there is; only where the checkpoint lies does not change what is trained.
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(options with { CheckpointFolder = null }, s_everyOption));
        foreach (var layer in start.Layers)
        {
            foreach (float number in (float[])[.. layer.Weights?.Scales ?? [], .. layer.Bias?.Values ?? [], layer.Activation?.Scale ?? 0, layer.Activation?.ZeroPoint ?? 0])
                hash.AppendData(BitConverter.GetBytes(number));
        }
        foreach (var (junction, quantizer) in start.Junctions)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{junction.Tensor}|{quantizer.Range}|{quantizer.ZeroPoint}|")));
            hash.AppendData(BitConverter.GetBytes(quantizer.Scale));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Writes to a temporary file and renames it, so that an interruption leaves the previous checkpoint.</summary>
    /// <exception cref="HaqException">The folder cannot be written (HAQ0801).</exception>
    public void Save(string folder, string key)
    {
        string path = PathIn(folder), temporary = path + ".new";
        try
        {
            Directory.CreateDirectory(folder);
            using (var writer = new BinaryWriter(File.Create(temporary)))
            {
                writer.Write(Magic);
                writer.Write(Version);
                writer.Write(key);
                Write(writer, State);
                writer.Write(Best is not null);
                if (Best is not null) Write(writer, Best);
                writer.Write(BestEpoch);
                Write(writer, StartScore);
                Write(writer, BestScore);
                writer.Write(Reduction);
                writer.Write(Retries);
                writer.Write(FirstLoss);
                writer.Write(Epochs.Count);
                foreach (var epoch in Epochs)
                {
                    writer.Write(epoch.Epoch);
                    writer.Write(epoch.Loss);
                    Write(writer, epoch.Validation);
                    writer.Write(epoch.LearningRate);
                    writer.Write(epoch.Retries);
                }
                writer.Write(Magic);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiagnosticCatalog.CannotWrite.Error(path, $"the checkpoint cannot be written: {e.Message} Free some space or choose another folder.", e);
        }
    }

    /// <summary>Reads the checkpoint of a folder; null when there is none, and with <paramref name="foreign"/> when it is damaged or of another run.</summary>
    public static FineTuneCheckpoint? Load(string folder, string key, out bool foreign)
    {
        string path = PathIn(folder);
        foreign = false;
        if (!File.Exists(path)) return null;
        try
        {
            using var reader = new BinaryReader(File.OpenRead(path));
            if (reader.ReadUInt32() == Magic && reader.ReadInt32() == Version && reader.ReadString() == key)
            {
                var checkpoint = new FineTuneCheckpoint
                {
                    State = Read(reader),
                    Best = reader.ReadBoolean() ? Read(reader) : null,
                    BestEpoch = reader.ReadInt32(),
                    StartScore = ReadScore(reader),
                    BestScore = ReadScore(reader),
                    Reduction = reader.ReadDouble(),
                    Retries = reader.ReadInt32(),
                    FirstLoss = reader.ReadDouble(),
                    Epochs = [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ =>
                        new FineTuneEpoch(reader.ReadInt32(), reader.ReadDouble(), ReadScore(reader), reader.ReadDouble(), reader.ReadInt32()))],
                };
                if (reader.ReadUInt32() == Magic) return checkpoint;
            }
        }
        catch (Exception e) when (e is IOException or FormatException or ArgumentException or OverflowException or OutOfMemoryException)
        {
            // A damaged file is treated like a foreign one: the training starts over.
        }
        foreign = true;
        return null;
    }

    private static string PathIn(string folder) => Path.Combine(folder, "finetune.checkpoint");

    // What is unknown is not a number.
    private static void Write(BinaryWriter writer, ValidationScore score)
    {
        foreach (double? figure in new[] { score.Value, score.Top1, score.Top5, score.Agreement, score.Loss }) writer.Write(figure ?? double.NaN);
        writer.Write(score.Samples);
    }

    private static ValidationScore ReadScore(BinaryReader reader)
    {
        return new ValidationScore(reader.ReadDouble(), Figure(), Figure(), Figure(), Figure(), reader.ReadInt32());

        double? Figure() => reader.ReadDouble() is var figure && double.IsNaN(figure) ? null : figure;
    }

    private static void Write(BinaryWriter writer, float[][] tensors)
    {
        writer.Write(tensors.Length);
        foreach (float[] tensor in tensors)
        {
            writer.Write(tensor.Length);
            writer.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes(tensor.AsSpan()));
        }
    }

    private static float[][] Read(BinaryReader reader)
    {
        float[][] tensors = new float[reader.ReadInt32()][];
        for (int i = 0; i < tensors.Length; i++)
        {
            tensors[i] = new float[reader.ReadInt32()];
            reader.BaseStream.ReadExactly(System.Runtime.InteropServices.MemoryMarshal.AsBytes(tensors[i].AsSpan()));
        }
        return tensors;
    }
}
