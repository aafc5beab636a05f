using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Haq.Engine.Diagnostics;
using Haq.Engine.Files;

namespace Haq.Engine.Search.Ddpg;

/// <summary>
/// A saved agent: actor, critic, their targets and optimizer state, and the normalizer of states and rewards, to start a search on another network from. Little-endian: magic, version, state size,
/// hidden sizes, updates, least and greatest of every scaled dimension, mean reward (not a number where there is none), then every array; a SHA-256 of it all at the end.
/// </summary>
internal static class AgentFile
{
    private const int Version = 2;
    private static ReadOnlySpan<byte> Magic => "HAQAGENT"u8;

    /// <summary>Writes the agent beside <paramref name="path"/> and moves it into place.</summary>
    /// <exception cref="HaqException">The file cannot be written.</exception>
    public static void Save(string path, Agent agent, DdpgOptions options)
    {
        using var memory = new MemoryStream();
        using (var writer = new BinaryWriter(memory, System.Text.Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Magic);
            foreach (int value in (int[])[Version, LayerState.Size, options.Hidden1, options.Hidden2, agent.Networks.Updates]) writer.Write(value);
            var (states, mean) = agent.Normalizer;
            foreach (double value in (double[])[.. states.Least, .. states.Greatest, mean ?? double.NaN]) writer.Write(value);
            foreach (float[] array in Arrays(agent.Networks)) writer.Write(MemoryMarshal.AsBytes(array.AsSpan()));
        }
        byte[] content = memory.ToArray();
        string temporary = path + ".tmp";
        try
        {
            File.WriteAllBytes(temporary, [.. content, .. SHA256.HashData(content)]);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiagnosticCatalog.CannotWrite.Error(path, $"the agent cannot be saved: {e.Message}", e);
        }
    }

    /// <summary>Reads a saved agent into one with networks of the same sizes.</summary>
    /// <exception cref="HaqException">The file is not a saved agent, is damaged, or has other sizes.</exception>
    public static void Load(string path, Agent agent, DdpgOptions options)
    {
        byte[] file;
        try
        {
            OrdinaryFile.Require(path);
            file = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiagnosticCatalog.AgentUnreadable.Error(path, $"the saved agent cannot be read: {e.Message}", e);
        }
        int body = file.Length - SHA256.HashSizeInBytes;
        if (body < Magic.Length + 5 * sizeof(int) || !file.AsSpan().StartsWith(Magic))
            throw DiagnosticCatalog.AgentUnreadable.Error(path, "this is not a saved agent; give the file that an earlier '--agent' wrote.");
        if (!SHA256.HashData(file.AsSpan(0, body)).AsSpan().SequenceEqual(file.AsSpan(body)))
            throw DiagnosticCatalog.AgentUnreadable.Error(path, "the saved agent is damaged: its checksum does not match. Remove it to start a new agent.");
        using var reader = new BinaryReader(new MemoryStream(file, Magic.Length, body - Magic.Length));
        int version = reader.ReadInt32(), state = reader.ReadInt32(), hidden1 = reader.ReadInt32(), hidden2 = reader.ReadInt32(), updates = reader.ReadInt32();
        if (version != Version || state != LayerState.Size)
            throw DiagnosticCatalog.AgentUnreadable.Error(path, $"the saved agent has version {version}, this tool reads {Version}. Remove it to start a new agent.");
        if (hidden1 != options.Hidden1 || hidden2 != options.Hidden2)
        {
            throw DiagnosticCatalog.AgentUnreadable.Error(path,
                $"the saved agent has hidden layers of {hidden1} and {hidden2} units, the manifest asks for {options.Hidden1} and {options.Hidden2}. Use the same sizes, or another file.");
        }
        if (body != Magic.Length + 5 * sizeof(int) + (2 * LayerState.StepDimension + 1) * sizeof(double) + Arrays(agent.Networks).Sum(a => a.Length * sizeof(float)))
            throw DiagnosticCatalog.AgentUnreadable.Error(path, "the saved agent has the wrong length. Remove it to start a new agent.");
        double[] least = Doubles(reader), greatest = Doubles(reader);
        double mean = reader.ReadDouble();
        agent.Normalizer = (new StateRanges([.. least], [.. greatest]), double.IsNaN(mean) ? null : mean);
        (agent.Networks.Updates, agent.IsTrained) = (updates, updates > 0);
        foreach (float[] array in Arrays(agent.Networks)) reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(array.AsSpan()));
    }

    private static double[] Doubles(BinaryReader reader) => [.. Enumerable.Range(0, LayerState.StepDimension).Select(_ => reader.ReadDouble())];

    private static IEnumerable<float[]> Arrays(ActorCritic networks)
    {
        foreach (var (_, network) in networks.Networks)
        {
            foreach (var layer in network.Layers)
            {
                yield return layer.Parameters;
                yield return layer.Moments.First;
                yield return layer.Moments.Second;
            }
        }
    }
}
