using System.Diagnostics;
using System.Security.Cryptography;
using Haq.Engine.Pipeline.Remote;

namespace Haq.Engine.Pipeline.Uploading;

/// <summary>How the shared cache is.</summary>
/// <param name="Milliseconds">Until it answered; null where it did not.</param>
/// <param name="TakesResults">Whether it took something; null where it was not asked.</param>
/// <param name="Waiting">Entries that wait to be sent.</param>
/// <param name="LastFailure">Why the last sending ended early; null where it did not.</param>
/// <param name="Trouble">Why it cannot be used as the settings say; null where it can.</param>
public sealed record RemoteState(double? Milliseconds, bool? TakesResults, int Waiting, string? LastFailure, string? Trouble);

/// <summary>Tries a shared cache out: asks for something that it cannot have and, where results are sent, leaves a few bytes there.</summary>
public static class RemoteProbe
{
    /// <param name="settings">The server.</param>
    /// <param name="root">The local cache.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public static RemoteState Run(RemoteSettings settings, string root, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return RunAsync(settings, new UploadQueue(Path.GetFullPath(root), settings), cancellation).GetAwaiter().GetResult();
    }

    private static async Task<RemoteState> RunAsync(RemoteSettings settings, UploadQueue queue, CancellationToken cancellation)
    {
        using var client = new RemoteClient(settings);
        double? answered = null;
        bool? takes = null;
        string? trouble = null;
        try
        {
            var watch = Stopwatch.StartNew();
            await client.ReadAsync(RemoteClient.Actions, ActionEntry.PlaceOf("haq/probe"), ActionEntry.MaxBytes, cancellation).ConfigureAwait(false);
            answered = watch.Elapsed.TotalMilliseconds;
            if (!settings.IsReadOnly)
            {
                takes = false;
                byte[] content = "haq was here\n"u8.ToArray();
                await client.PutAsync(RemoteClient.Contents, Convert.ToHexStringLower(SHA256.HashData(content)), () => new MemoryStream(content), content.Length, cancellation).ConfigureAwait(false);
                takes = true;
            }
        }
        catch (RemoteFailure e)
        {
            trouble = e.Message;
        }
        return new RemoteState(answered, takes, queue.Items().Count, queue.ReadNote(), trouble);
    }
}
