namespace Haq.Engine.Pipeline.Remote;

/// <summary>Why the shared cache is of no use for now, in words that hold no secret.</summary>
internal sealed class RemoteFailure(string reason, RemoteTrouble trouble = RemoteTrouble.Server) : Exception(reason)
{
    /// <summary>What it is about.</summary>
    public RemoteTrouble Trouble => trouble;
}

/// <summary>What a failure is about.</summary>
internal enum RemoteTrouble
{
    /// <summary>The server, or the way to it: another request would fare no better.</summary>
    Server,

    /// <summary>This one thing is too large for it.</summary>
    TooLarge,

    /// <summary>What came is not what it should be.</summary>
    Damaged,
}
