namespace Haq.Cluster.Clients;

/// <summary>Two ends of a connection do not have the same secret, or certificates of the same authority.</summary>
internal sealed class MemberRefusedException : Exception
{
    /// <summary>Says what does not fit.</summary>
    public MemberRefusedException(string message) : base(message) { }
}
