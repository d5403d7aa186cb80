import NIOCore

/// The only handler of a channel: moves octets and the end of the channel into the link.
final class LinkHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let link: Link

    init(_ link: Link) { self.link = link }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive {
            context.read()
        } else {
            link.closed()
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        link.received(unwrapInboundIn(data))
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if link.receivedBatch() { context.read() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        link.failed(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        link.closed()
    }
}
